import { once } from "node:events";
import { createServer, type Server, type Socket } from "node:net";
import { isDeepStrictEqual } from "node:util";
import { Channel } from "../../src/rpc/channel.ts";
import { encodeGob } from "../../src/rpc/gob/encoder.ts";
import { getObjectsResponse } from "../../src/rpc/messages/object-server.ts";
import { acceptTls } from "../../src/rpc/tls/accept-tls.ts";
import { compareContent } from "./srpc-compare.ts";
import { PlainGobDecoder } from "./srpc-gob.ts";
import type { Parties } from "./srpc-parties.ts";
import { readContent } from "./srpc-parts.ts";
import { isAccepted } from "./srpc-replay.ts";
import { type Item, UPGRADE_METHOD } from "./srpc-script.ts";
import { CountingReader } from "./srpc-stream.ts";
import type { RecordedConnection } from "./srpc-transcript.ts";
import { listField } from "./srpc-value.ts";

const TIMEOUT_MS = 5_000;
const GET_OBJECTS = "ObjectServer.GetObjects";

/** The calls of a recording, each with its parts. */
type Call = readonly Item[];

/**
 * Plays the server of a recorded connection. A client may spread its calls over several connections, but makes them in
 * the recorded order.
 */
export class PlayedServer implements AsyncDisposable {
  /** What clients did that the recorded one did not. */
  readonly problems: string[] = [];
  readonly rules = new Set<string>();
  readonly #recorded: RecordedConnection;
  readonly #parties: Parties;
  readonly #calls: Call[];
  readonly #server: Server;
  readonly #sockets = new Set<Socket>();
  readonly #objects: ReadonlyMap<string, Buffer>;
  /** Objects of the recorded call that nobody has asked for yet. */
  readonly #unfetched: Set<string>;
  #connections = 0;

  constructor(recorded: RecordedConnection, items: readonly Item[], parties: Parties) {
    this.#recorded = recorded;
    this.#parties = parties;
    this.#calls = callsOf(items);
    this.#objects = objectsOf(items);
    this.#unfetched = new Set(this.#objects.keys());
    this.#server = createServer({ noDelay: true }, (socket) => void this.#serve(socket));
  }

  /** The port on 127.0.0.1. */
  async listen(): Promise<number> {
    this.#server.listen(0, "127.0.0.1");
    await once(this.#server, "listening");
    const address = this.#server.address();
    return typeof address === "object" && address !== null ? address.port : 0;
  }

  /** What the recorded client did and ours has not done. */
  get leftOver(): readonly string[] {
    const calls = this.#calls.map(([first]) => first?.method ?? "").filter((name) => name !== GET_OBJECTS);
    return [...calls, ...this.#unfetched];
  }

  async #serve(socket: Socket): Promise<void> {
    this.#sockets.add(socket);
    this.#connections += 1;
    const timeouts = { readTimeoutMs: TIMEOUT_MS, writeTimeoutMs: TIMEOUT_MS };
    const plain = new Channel(socket, { peer: "the client", ...timeouts });
    try {
      const head = Buffer.from(await plain.reader.readExactly(this.#recorded.head.length));
      if (!head.equals(this.#recorded.head))
        this.problems.push(`connects by ${JSON.stringify(head.toString())}`);
      await plain.write(this.#recorded.answer);
      if (!isAccepted(this.#recorded)) return plain.end();
      const channel =
        this.#recorded.commonName === undefined
          ? plain
          : new Channel(await acceptTls(await plain.release(), this.#parties.server, TIMEOUT_MS), {
              peer: "the client",
              ...timeouts,
            });
      const reader = new CountingReader(channel.reader);
      while (!(await reader.atEnd())) await this.#playCall(reader, channel);
      channel.end();
    } catch (error) {
      this.problems.push(String(error));
      socket.destroy();
    }
  }

  async #playCall(reader: CountingReader, channel: Channel): Promise<void> {
    const method = await reader.line();
    if (method === GET_OBJECTS && this.#objects.size > 0) return this.#playObjects(reader, channel);
    const call = this.#calls.shift();
    const [first, ...rest] = call ?? [];
    if (first === undefined) throw new Error(`calls ${method} where the recorded client is done`);
    if (first.method === method) {
      const decoder = new PlainGobDecoder(reader);
      for (const item of rest) {
        if (item.side === "s") await channel.write(item.bytes);
        else this.#judge(item, await readContent(item.content, reader, decoder, "gob"));
      }
    } else if (isListOfAll(call ?? []) && method === "ImageServer.ListImages")
      for (const item of rest.filter(({ side }) => side === "s")) await channel.write(item.bytes);
    else throw new Error(`calls ${method} where ${first.method} is recorded`);
  }

  #judge(item: Item, ours: Parameters<typeof compareContent>[1]): void {
    const why = compareContent(item.content, ours);
    if (why !== undefined) this.problems.push(`${item.method}: ${why}`);
  }

  /** The recorded client asks for all in one call, for what it needs twice twice. */
  async #playObjects(reader: CountingReader, channel: Channel): Promise<void> {
    if (this.#connections > 1) this.rules.add("R-SRPC-OBJECT-CONNECTIONS");
    await channel.write("\n");
    const request = (await new PlainGobDecoder(reader).decode()).value;
    const ids = listField(request, "Hashes");
    for (const id of ids)
      if (!this.#unfetched.delete(id)) this.problems.push(`asks for ${id}, which it has or does not need`);
    const contents = ids.map((id) => this.#objects.get(id) ?? Buffer.alloc(0));
    const recorded = this.#calls.find(([first]) => first?.method === GET_OBJECTS);
    const recordedIds = recorded?.flatMap((item) =>
      item.side === "c" && item.content.kind === "value" ? listField(item.content.value, "Hashes") : [],
    );
    if (!isDeepStrictEqual(recordedIds?.toSorted(), ids.toSorted())) this.rules.add("R-SRPC-OBJECTS-ONCE");
    const response = { ResponseString: "", ObjectSizes: contents.map(({ length }) => length) };
    await channel.write(encodeGob(getObjectsResponse, response));
    await channel.write(Buffer.concat(contents));
  }

  async [Symbol.asyncDispose](): Promise<void> {
    for (const socket of this.#sockets) socket.destroy();
    this.#server.close();
    await once(this.#server, "close");
  }
}

/** Without the upgrade, which a client of ours never asks for (spec/srpc.md section 7.2). */
export function callsOf(items: readonly Item[]): Call[] {
  const numbers = new Set(items.filter(({ method }) => method !== UPGRADE_METHOD).map(({ call }) => call));
  return [...numbers].map((number) => items.filter(({ call }) => call === number));
}

/** `imagetool list` asks for a selection of everything, which is what ListImages gives. */
export function isListOfAll(call: Call): boolean {
  const [first, , request] = call;
  const isEverything = request?.content.kind === "value" && isDeepStrictEqual(request.content.value, {});
  return first?.method === "ImageServer.ListSelectedImages" && isEverything;
}

/** What the recorded client fetched, by id. */
function objectsOf(items: readonly Item[]): ReadonlyMap<string, Buffer> {
  const objects = new Map<string, Buffer>();
  const [ids, sizes, raw] = items
    .filter(({ method, role }) => method === GET_OBJECTS && role === "data")
    .map(({ content }) => content);
  if (ids?.kind !== "value" || sizes?.kind !== "value" || raw?.kind !== "raw") return objects;
  const lengths = listField(sizes.value, "ObjectSizes").map(Number);
  let offset = 0;
  for (const [index, id] of listField(ids.value, "Hashes").entries()) {
    const end = offset + (lengths[index] ?? 0);
    objects.set(id, raw.bytes.subarray(offset, end));
    offset = end;
  }
  return objects;
}
