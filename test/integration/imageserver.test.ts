import { execFileSync } from "node:child_process";
import { randomBytes } from "node:crypto";
import { rmSync } from "node:fs";
import { chmod, link, mkdir, mkdtemp, symlink, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { displayOf } from "../../src/core/byte-string.ts";
import { silentLogger } from "../../src/core/logger.ts";
import type { ObjectId } from "../../src/core/object-id.ts";
import { formatListing } from "../../src/images/listing.ts";
import type { FileSystemTree, Image } from "../../src/images/model.ts";
import { scanTree } from "../../src/images/scan-tree.ts";
import { requiredObjects } from "../../src/images/tree.ts";
import { unpackImage } from "../../src/images/unpack.ts";
import { type PublishImageRequest, publishImage } from "../../src/imageserver/publish-image.ts";
import { type ImageServerOptions, startImageServer } from "../../src/imageserver/start-image-server.ts";
import { DirectoryObjectStore } from "../../src/objectcache/directory-object-store.ts";
import {
  checkImageRequest,
  checkImageResponse,
  getImageRequest,
  getImageResponse,
  listSelectedImagesRequest,
} from "../../src/rpc/messages/image-server.ts";
import { checkObjectsRequest, checkObjectsResponse } from "../../src/rpc/messages/object-server.ts";
import { connectSrpc, type SrpcConnection } from "../../src/rpc/srpc/client.ts";
import { ImageServerClient } from "../../src/rpc/srpc/image-server-client.ts";
import type { ClientCredentials } from "../../src/rpc/tls/credentials.ts";
import { createNodeHost } from "../../src/system/node/node-host.ts";
import { makeParties } from "../contract/rpc/srpc-server.ts";

const READ_METHODS = ["ImageServer.*", "ObjectServer.*"];
const host = createNodeHost();
const parties = makeParties();
const { signal } = new AbortController();
let directory: string;
let store: { readonly imageDirectory: string; readonly objectDirectory: string };

beforeAll(async () => {
  directory = await mkdtemp(join(tmpdir(), "image-server-"));
  store = { imageDirectory: join(directory, "images"), objectDirectory: join(directory, "objects") };
  await makeTree(join(directory, "tree"));
  execFileSync("tar", ["-C", join(directory, "tree"), "-czf", join(directory, "tree.tar.gz"), "."]);
  await publish({ name: "test/1", source: join(directory, "tree") });
  await publish({ name: "test/2", source: join(directory, "tree.tar.gz") });
});

afterAll(async () => {
  await host[Symbol.asyncDispose]();
  rmSync(directory, { recursive: true });
});

/** One of everything that an operating system has. */
async function makeTree(root: string): Promise<void> {
  await mkdir(join(root, "usr/bin"), { recursive: true });
  await mkdir(join(root, "many"));
  await writeFile(join(root, "usr/bin/large"), randomBytes(700_000));
  await writeFile(join(root, "usr/bin/set-uid"), "program");
  await chmod(join(root, "usr/bin/set-uid"), 0o4755);
  await link(join(root, "usr/bin/large"), join(root, "hard link"));
  await symlink("usr/bin/large", join(root, "link"));
  await symlink("/etc/../nowhere", join(root, "usr/dangling"));
  await writeFile(join(root, "empty"), "");
  await writeFile(Buffer.concat([Buffer.from(`${root}/odd \n`), Buffer.from([0xff, 0xfe])]), "odd");
  for (let index = 0; index < 300; index++)
    await writeFile(join(root, `many/file-${index}`), `content ${index % 250}`);
  await host.files.makeNode(join(root, "fifo"), 0o010600, 0n);
  await host.files.makeNode(join(root, "null"), 0o020666, 0x103n);
  await host.files.changeOwner(join(root, "many"), 1234, 4321);
  await host.files.changeTimes(join(root, "empty"), { seconds: -5n, nanoseconds: 250 });
}

async function publish(request: Pick<PublishImageRequest, "name" | "source">) {
  return publishImage({ ...request, ...store, host, signal, log: silentLogger });
}

async function startServer(more: Partial<ImageServerOptions> = {}) {
  return startImageServer({
    ...store,
    port: 0,
    address: "127.0.0.1",
    credentials: parties.credentials,
    hostname: "lab",
    host,
    log: silentLogger,
    ...more,
  });
}

async function connect(port: number, tls?: ClientCredentials): Promise<SrpcConnection> {
  return connectSrpc({ host: "127.0.0.1", port, ...(tls === undefined ? {} : { tls }) }, signal);
}

function treeOf(image: Image | undefined): FileSystemTree {
  if (image?.fileSystem === undefined) throw new Error("there is no image, or it has no tree");
  return image.fileSystem;
}

function listingOf(tree: FileSystemTree): readonly string[] {
  return [...formatListing(tree)].map(displayOf);
}

/** Fetches an image as an installer does, unpacks it, and lists what is on disk then. */
async function install(client: ImageServerClient, name: string): Promise<readonly string[]> {
  const work = await mkdtemp(join(directory, "install-"));
  const objects = new DirectoryObjectStore({ root: join(work, "cache"), ...host });
  const tree = treeOf((await client.resolveImage(name, signal)).image);
  const wanted = [...requiredObjects(tree).keys()];
  for await (const { id, sizeBytes, content } of client.getObjects(wanted, signal))
    await objects.put(id, sizeBytes, content);
  await unpackImage({ tree, target: join(work, "target"), objects, files: host.files, signal });
  return listingOf(await scanTree({ root: join(work, "target"), files: host.files, objects, signal }));
}

describe("an image server with certificates", () => {
  test("gives what was published, also after a restart", async () => {
    const objects = new DirectoryObjectStore({ root: join(directory, "scratch"), ...host });
    const original = listingOf(
      await scanTree({ root: join(directory, "tree"), files: host.files, objects, signal }),
    );
    expect(original.some((line) => line.includes("odd"))).toBe(true);
    for (let start = 0; start < 2; start++) {
      await using server = await startServer();
      await using client = new ImageServerClient(await connect(server.port, parties.issue(READ_METHODS)));
      expect((await client.listImages(signal)).toSorted()).toEqual(["test/1", "test/2"]);
      expect(await install(client, "test/1")).toEqual(original);
      // The directory stands for its newest image; tar keeps whole seconds only.
      expect((await client.resolveImage("test", signal)).name).toBe("test/2");
      expect(await install(client, "test/2")).toHaveLength(original.length);
    }
  });

  test("serves many at once", async () => {
    await using server = await startServer();
    const tls = parties.issue(READ_METHODS);
    const listings = await Promise.all(
      Array.from({ length: 6 }, async () => {
        await using client = new ImageServerClient(await connect(server.port, tls));
        return await install(client, "test/1");
      }),
    );
    expect(new Set(listings.map((lines) => lines.join("\n"))).size).toBe(1);
  });

  test("does not let strangers in", async () => {
    await using server = await startServer();
    await expect(connect(server.port)).rejects.toMatchObject({ code: "E_TLS_CERTIFICATE_MISSING" });
    const stranger = makeParties().issue(READ_METHODS);
    const talk = async (): Promise<unknown> => {
      await using client = new ImageServerClient(await connect(server.port, stranger));
      return await client.listImages(signal);
    };
    await expect(talk()).rejects.toMatchObject({ code: "E_TLS_CERTIFICATE_REFUSED" });
  });

  test("shows images to all who are known, and objects to those with the power", async () => {
    await using server = await startServer();
    await using client = new ImageServerClient(await connect(server.port, parties.issue()));
    expect(await client.listImages(signal)).toHaveLength(2);
    const ids = [...requiredObjects(treeOf(await client.getImage("test/1", signal))).keys()];
    const fetch = async (): Promise<void> => {
      for await (const object of client.getObjects(ids, signal)) void object;
    };
    await expect(fetch()).rejects.toMatchObject({ code: "E_SRPC_ACCESS_DENIED" });
    expect(await client.checkDirectory("test", signal)).toBe(true);
  });
});

describe("answers", () => {
  const unknown = "ab".repeat(64) as ObjectId;

  test("to questions about what is not there", async () => {
    await using server = await startServer();
    await using client = new ImageServerClient(await connect(server.port, parties.issue(READ_METHODS)));
    expect(await client.getImage("test/none", signal)).toBeUndefined();
    expect(await client.getImage("../objects", signal)).toBeUndefined();
    expect(await client.checkDirectory("test/", signal)).toBe(false);
    expect(await client.findLatestImage(".", signal)).toBeUndefined();
    await expect(client.findLatestImage("nowhere", signal)).rejects.toThrow("unknown directory: nowhere");
    const fetch = async (ids: readonly ObjectId[]): Promise<void> => {
      for await (const object of client.getObjects(ids, signal)) void object;
    };
    await expect(fetch([unknown])).rejects.toMatchObject({
      code: "E_OBJECT_MISSING",
      message: expect.stringContaining(`unknown object: ${unknown}`),
    });
    const another = "cd".repeat(64) as ObjectId;
    await expect(fetch([another, unknown])).rejects.toThrow(`first of 2 unknown objects: ${unknown}`);
    expect(await client.checkDirectory("test", signal)).toBe(true);
  });

  test("to the other calls, in the exact form", async () => {
    await using server = await startServer();
    await using connection = await connect(server.port, parties.issue(READ_METHODS));
    const exists = await connection.requestReply(
      {
        method: "ImageServer.CheckImage",
        requestSchema: checkImageRequest,
        request: { ImageName: "test/1" },
        replySchema: checkImageResponse,
      },
      signal,
    );
    expect(exists).toEqual({ ImageExists: true });
    const sizes = await connection.requestReply(
      {
        method: "ObjectServer.CheckObjects",
        requestSchema: checkObjectsRequest,
        request: { Hashes: [unknown] },
        replySchema: checkObjectsResponse,
      },
      signal,
    );
    expect(sizes).toEqual({ ObjectSizes: [0n] });
    await using call = await connection.openCall("ImageServer.ListSelectedImages", signal);
    await call.send(listSelectedImagesRequest, {
      DirectoryName: "test/",
      IgnoreExpiringImages: true,
      TagsToMatch: new Map(),
    });
    const lines = [await call.readLine(100), await call.readLine(100), await call.readLine(100)];
    expect(lines.toSorted()).toEqual(["", "test/1", "test/2"]);
    call.finish();
  });

  test("when the image comes while the caller waits, and without the tree if so asked", async () => {
    await using server = await startServer();
    await using connection = await connect(server.port, parties.issue(READ_METHODS));
    const asked = connection.requestReply(
      {
        method: "ImageServer.GetImage",
        requestSchema: getImageRequest,
        request: {
          ImageName: "late/1",
          IgnoreFilesystem: true,
          IgnoreFilesystemIfExpiring: false,
          Timeout: 30_000_000_000n,
        },
        replySchema: getImageResponse,
      },
      signal,
    );
    await publish({ name: "late/1", source: join(directory, "tree") });
    const { Image: image } = await asked;
    expect(image).toBeDefined();
    expect(image?.FileSystem).toBeUndefined();
    rmSync(join(store.imageDirectory, "late"), { recursive: true });
  });
});

test("reading without a certificate is possible where it was asked for", async () => {
  await using server = await startServer({ allowUnauthenticatedReads: true });
  await using client = new ImageServerClient(await connect(server.port));
  expect(await install(client, "test/1")).toContainEqual(expect.stringContaining("/usr/bin/large"));
  const tree = treeOf(await client.getImage("test/1", signal));
  const [[id, sizeBytes] = ["", 0]] = requiredObjects(tree);
  const get = async (query: string): Promise<Response> =>
    fetch(`http://127.0.0.1:${server.port}/getObject?${query}`);
  expect((await (await get(id)).arrayBuffer()).byteLength).toBe(sizeBytes);
  for (const [query, status] of [
    ["ab".repeat(64), 404],
    ["ab", 404],
    ["AB".repeat(64), 400],
    ["ab".repeat(65), 400],
  ] as const)
    expect((await get(query)).status).toBe(status);
});
