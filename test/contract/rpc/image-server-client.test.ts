import { createHash } from "node:crypto";
import { once } from "node:events";
import { readFileSync } from "node:fs";
import { createServer, type Socket } from "node:net";
import { setImmediate as nextTurn } from "node:timers/promises";
import { describe, expect, it } from "vitest";
import { type ObjectId, objectIdFromBytes } from "../../../src/core/object-id.ts";
import { type ByteReader, byteReaderFromStream } from "../../../src/rpc/byte-reader.ts";
import { decodeGob, GobDecoder } from "../../../src/rpc/gob/decoder.ts";
import type { Schema } from "../../../src/rpc/gob/schema.ts";
import {
  checkDirectoryRequest,
  findLatestImageRequest,
  getImageRequest,
} from "../../../src/rpc/messages/image-server.ts";
import { getObjectsRequest, getObjectsResponse } from "../../../src/rpc/messages/object-server.ts";
import { connectSrpc } from "../../../src/rpc/srpc/client.ts";
import { ImageServerClient } from "../../../src/rpc/srpc/image-server-client.ts";
import { streamMethod } from "../../../src/rpc/srpc/method.ts";
import { codeOf, connectTo, signal, startTestServer } from "./srpc-server.ts";

interface TranscriptLine {
  readonly dir?: "c2s" | "s2c";
  readonly layer?: "tcp" | "tls";
  readonly hex?: string;
}

const REQUEST_SCHEMAS: ReadonlyMap<string, Schema<unknown>> = new Map<string, Schema<unknown>>([
  ["ImageServer.GetImage", getImageRequest],
  ["ImageServer.CheckDirectory", checkDirectoryRequest],
  ["ImageServer.FindLatestImage", findLatestImageRequest],
  ["ObjectServer.GetObjects", getObjectsRequest],
]);

/** Plays the server of a recorded conversation; `problems` tells where the client departs from the recording. */
async function replayServer(socket: Socket, name: string, problems: unknown[]): Promise<void> {
  const reader = byteReaderFromStream(socket);
  await reader.readLine(100);
  await reader.readLine(100);
  socket.write("HTTP/1.0 200 Connected to Go SRPC\n\n");
  const lines = readFileSync(`test/vectors/srpc/${name}.jsonl`, "utf8").trimEnd().split("\n");
  let method = "";
  for (const line of lines.map((text) => JSON.parse(text) as TranscriptLine)) {
    if (line.layer !== "tls" || line.hex === undefined) continue;
    const recorded = Buffer.from(line.hex, "hex");
    if (line.dir === "s2c") socket.write(recorded);
    else if (recorded.toString("latin1").match(/^[A-Za-z]+\.[A-Za-z]+\n$/))
      method = await replayMethod(reader, recorded, problems);
    else await replayRequest(reader, recorded, method, problems);
  }
}

async function replayMethod(reader: ByteReader, recorded: Buffer, problems: unknown[]): Promise<string> {
  const method = await reader.readLine(1000);
  if (`${method}\n` !== recorded.toString("latin1")) problems.push({ method, recorded: recorded.toString() });
  return method;
}

async function replayRequest(
  reader: ByteReader,
  recorded: Buffer,
  method: string,
  problems: unknown[],
): Promise<void> {
  const schema = REQUEST_SCHEMAS.get(method);
  if (schema === undefined) throw new Error(`no schema for ${method}`);
  const sent = await new GobDecoder(reader).decode(schema);
  const expected = decodeGob(schema, recorded);
  try {
    expect(sent).toEqual(expected);
  } catch (error) {
    problems.push(error);
  }
}

/** Lets a client talk to the recording. */
async function withReplay(name: string, use: (client: ImageServerClient) => Promise<void>): Promise<void> {
  const problems: unknown[] = [];
  const server = createServer((socket) => {
    replayServer(
      socket.on("error", () => undefined),
      name,
      problems,
    ).catch((error: unknown) => problems.push(error));
  }).listen(0, "127.0.0.1");
  await once(server, "listening");
  const address = server.address();
  const port = typeof address === "object" && address !== null ? address.port : 0;
  try {
    await using client = new ImageServerClient(await connectSrpc({ host: "127.0.0.1", port }, signal));
    await use(client);
    expect(problems).toEqual([]);
  } finally {
    server.close();
  }
}

function idOf(content: Buffer): ObjectId {
  return objectIdFromBytes(createHash("sha512").update(content).digest());
}

async function readAll(content: AsyncIterable<Uint8Array> | Uint8Array): Promise<Buffer> {
  const parts: Uint8Array[] = [];
  for await (const part of piecesOf(content)) parts.push(part);
  return Buffer.concat(parts);
}

function piecesOf(content: AsyncIterable<Uint8Array> | Uint8Array): AsyncIterable<Uint8Array> | Uint8Array[] {
  return content instanceof Uint8Array ? [content] : content;
}

describe("a client of recorded servers", () => {
  it("lists images", async () => {
    await withReplay("installer-list-images", async (client) => {
      const names = await client.listImages(signal);
      expect(names.toSorted()).toEqual(["debian/bookworm.1", "debian/bookworm.2", "debian/sub/x.10"]);
    });
  });

  it("takes the newest image of the stream when there is none of that name", async () => {
    await withReplay("installer-load-image-stream", async (client) => {
      const { name, image } = await client.resolveImage("debian/nope", signal);
      expect(name).toBe("debian/bookworm.2");
      const inodes = [...(image.fileSystem?.inodes.values() ?? [])];
      const ids = inodes.flatMap((inode) =>
        inode.kind === "regular" && inode.sizeBytes > 0 ? [inode.objectId] : [],
      );
      expect(ids).toHaveLength(4);
    });
  });

  it("says that neither image nor directory exist", async () => {
    await withReplay("installer-load-image-not-a-directory", async (client) => {
      await expect(client.resolveImage("a/b", signal)).rejects.toMatchObject({
        code: "E_IMAGE_NOT_FOUND",
        message: "a is not a directory",
      });
    });
  });
});

describe("getObjects", () => {
  const contents = [Buffer.from("one"), Buffer.alloc(0), Buffer.alloc(300_000, "x"), Buffer.from("four")];
  const ids = contents.map(idOf);

  /** An object server whose answer to any request is `announced` sizes and then `data`. */
  function objectServer(
    announced: readonly number[],
    data: Buffer,
    text = "",
  ): ReturnType<typeof startTestServer> {
    const getObjects = streamMethod({
      name: "ObjectServer.GetObjects",
      run: async (call) => {
        await call.receive(getObjectsRequest);
        await call.send(getObjectsResponse, { ResponseString: text, ObjectSizes: announced });
        await call.write(data);
      },
    });
    return startTestServer({ methods: [getObjects] });
  }

  const sizes = contents.map(({ length }) => length);
  const data = Buffer.concat(contents);

  it("hands out each object as it arrives, time and again", async () => {
    await using port = await objectServer(sizes, data);
    await using client = new ImageServerClient(await connectTo(port));
    for (let round = 0; round < 2; round++) {
      const found: [ObjectId, number, string][] = [];
      for await (const { id, sizeBytes, content } of client.getObjects(ids, signal))
        found.push([id, sizeBytes, idOf(await readAll(content))]);
      expect(found).toEqual(ids.map((id, index) => [id, sizes[index], id]));
    }
  });

  it("hands out small objects whole, in however many pieces they arrive", async () => {
    const getObjects = streamMethod({
      name: "ObjectServer.GetObjects",
      run: async (call) => {
        await call.receive(getObjectsRequest);
        await call.send(getObjectsResponse, { ResponseString: "", ObjectSizes: sizes });
        for (let offset = 0; offset < data.length; offset += 99_999) {
          await call.write(data.subarray(offset, offset + 99_999));
          await nextTurn();
        }
      },
    });
    await using port = await startTestServer({ methods: [getObjects] });
    await using client = new ImageServerClient(await connectTo(port));
    const kinds: [number, boolean][] = [];
    for await (const { id, sizeBytes, content } of client.getObjects(ids, signal)) {
      if (sizeBytes <= 65_536) kinds.push([sizeBytes, content instanceof Uint8Array]);
      expect(idOf(await readAll(content))).toBe(id);
    }
    expect(kinds).toEqual([
      [3, true],
      [0, true],
      [4, true],
    ]);
  });

  it("skips what the caller does not read", async () => {
    await using port = await objectServer(sizes, data);
    await using client = new ImageServerClient(await connectTo(port));
    let last: Buffer | undefined;
    for await (const { id, content } of client.getObjects(ids, signal)) {
      if (id === ids.at(-1)) last = await readAll(content);
      else for await (const part of piecesOf(content)) if (part.length > 0) break;
    }
    expect(last?.toString()).toBe("four");
  });

  it("asks for nothing when nothing is wanted", async () => {
    await using port = await startTestServer({ methods: [] });
    await using client = new ImageServerClient(await connectTo(port));
    for await (const { id } of client.getObjects([], signal)) expect(id).toBeUndefined();
  });

  it("says which object the server lacks, and goes on", async () => {
    await using port = await objectServer([3, 0, 0, 4], Buffer.alloc(0), "unknown object: abc");
    await using client = new ImageServerClient(await connectTo(port));
    for (let round = 0; round < 2; round++) {
      await expect(client.getObjects(ids, signal).next()).rejects.toMatchObject({
        code: "E_OBJECT_MISSING",
        message: "fetching 4 objects: unknown object: abc",
      });
    }
  });

  it("refuses an answer to another question", async () => {
    await using port = await objectServer([3], Buffer.from("one"));
    await using client = new ImageServerClient(await connectTo(port));
    expect(await codeOf(client.getObjects(ids, signal).next())).toBe("E_SRPC_PROTOCOL");
  });

  it("notices a server that leaves in the middle", async () => {
    await using port = await objectServer(sizes, data.subarray(0, 1000));
    await using client = new ImageServerClient(await connectTo(port));
    const arrived: ObjectId[] = [];
    const fetching = (async () => {
      for await (const { id, content } of client.getObjects(ids, signal)) {
        if (id === ids[2]) await port.close();
        await readAll(content);
        arrived.push(id);
      }
    })();
    expect(await codeOf(fetching)).toBe("E_CONNECTION_LOST");
    expect(arrived).toEqual(ids.slice(0, 2));
  });

  it("stops when the caller stops", async () => {
    await using port = await objectServer(sizes, data);
    await using client = new ImageServerClient(await connectTo(port));
    for await (const object of client.getObjects(ids, signal)) {
      expect(object.id).toBe(ids[0]);
      break;
    }
    expect(await codeOf(client.listImages(signal))).toBe("E_CONNECTION_LOST");
  });
});
