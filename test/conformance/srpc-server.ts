import { cp, mkdir, mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { silentLogger } from "../../src/core/logger.ts";
import { startImageServer } from "../../src/imageserver/start-image-server.ts";
import type { ListeningPort } from "../../src/rpc/port/listen.ts";
import { CLEAR_PATH } from "../../src/rpc/srpc/endpoints.ts";
import { createNodeHost } from "../../src/system/node/node-host.ts";
import { LiveConnection, type Pace } from "./srpc-connection.ts";
import { makeContent, RECORDED_AT_MS, type RecordedTree } from "./srpc-content.ts";
import { checkEffects, effectsOf } from "./srpc-effects.ts";
import type { Parties } from "./srpc-parties.ts";
import { canSendWithHead, coderOf, isMadeUp, type ReplayVerdict, replayConnection } from "./srpc-replay.ts";
import { type Item, readConversation } from "./srpc-script.ts";
import type { Transcript } from "./srpc-transcript.ts";

/** Image servers that are in the state of the recorded ones. */
export class RecordedServers implements AsyncDisposable {
  readonly #parties: Parties;
  readonly #tree: RecordedTree;
  readonly #scratch: string;
  readonly #host = createNodeHost();
  /** Directories with content, by what is in them: making them takes longer than copying. */
  readonly #templates = new Map<string, string>();
  #started = 0;

  private constructor(parties: Parties, tree: RecordedTree, scratch: string) {
    this.#parties = parties;
    this.#tree = tree;
    this.#scratch = scratch;
  }

  static async create(parties: Parties, tree: RecordedTree): Promise<RecordedServers> {
    return new RecordedServers(parties, tree, await mkdtemp(join(tmpdir(), "conformance-srpc-")));
  }

  /** A server on a free port of this machine, with the images that `meta` tells of. */
  async start(meta: Transcript["meta"], permitInsecureWrites: boolean): Promise<ListeningPort> {
    const root = join(this.#scratch, `server-${(this.#started += 1)}`);
    await cp(await this.#template(meta), root, { recursive: true });
    const { clock, files, hashing } = this.#host;
    return startImageServer({
      ...directoriesIn(root),
      port: 0,
      address: "127.0.0.1",
      hostname: "imageserver.example",
      host: { files, hashing, clock: atRecordedTime(clock) },
      ...(meta.serverKind === "insecure" ? { permitInsecureWrites } : { credentials: this.#parties.server }),
      allowUnauthenticatedReads: meta.serverKind?.includes("unauthenticated reads") === true,
      log: silentLogger,
    });
  }

  async #template(meta: Transcript["meta"]): Promise<string> {
    const key = JSON.stringify([meta.imagesBefore, meta.directoriesBefore]);
    const known = this.#templates.get(key);
    if (known !== undefined) return known;
    const root = join(this.#scratch, `template-${this.#templates.size}`);
    await mkdir(root);
    await makeContent(directoriesIn(root), meta, this.#tree, this.#host);
    this.#templates.set(key, root);
    return root;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#host[Symbol.asyncDispose]();
    await rm(this.#scratch, { recursive: true });
  }
}

function directoriesIn(root: string): { readonly imageDirectory: string; readonly objectDirectory: string } {
  return { imageDirectory: join(root, "images"), objectDirectory: join(root, "objects") };
}

/** A clock that stands at the time of the recordings: one of the images has expired since. */
function atRecordedTime<C extends { nowMs(): number }>(clock: C): C {
  return Object.assign(Object.create(clock) as C, { nowMs: () => RECORDED_AT_MS });
}

/** Plays the clients of a transcript against a server of ours, connection by connection, and looks what they left. */
export async function checkAsServer(
  transcript: Transcript,
  servers: RecordedServers,
  parties: Parties,
  pace: Pace,
): Promise<ReplayVerdict> {
  const items = await readAllConversations(transcript);
  const rules = new Set<string>();
  const writes = writesToInsecureServer(transcript, items);
  if (writes.length > 0) {
    rules.add("R-SRPC-INSECURE-WRITES");
    await using strict = await servers.start(transcript.meta, false);
    const why = await findAccepted(writes, strict.port);
    if (why !== undefined) return { why, rules: [] };
  }
  await using server = await servers.start(transcript.meta, writes.length > 0);
  const { port } = server;
  const { connections, meta } = transcript;
  for (const recorded of connections.filter((each) => !isMadeUp(each, meta.about))) {
    const verdict = await replayConnection(recorded, { port, parties }, pace);
    for (const rule of verdict.rules) rules.add(rule);
    if (verdict.why !== undefined) return { why: verdict.why, rules: [...rules] };
  }
  const certificate = isInsecure(transcript) ? {} : { certificate: parties.client("admin") };
  const why = await checkEffects(effectsOf(items), { port, ...certificate });
  return { rules: [...rules], ...(why === undefined ? {} : { why }) };
}

function isInsecure({ meta }: Transcript): boolean {
  return meta.serverKind === "insecure";
}

async function readAllConversations({ connections }: Transcript): Promise<readonly Item[]> {
  const all = connections.map((each) => readConversation(each.exchange, coderOf(each)));
  return (await Promise.all(all)).flat();
}

const WRITING_METHODS: readonly string[] = [
  "ImageServer.AddImage",
  "ImageServer.DeleteDirectory",
  "ImageServer.MakeDirectory",
  "ObjectServer.AddObjects",
];

/** What strangers changed on a recorded server, which they may not do on ours unless that is wanted. */
function writesToInsecureServer(transcript: Transcript, items: readonly Item[]): readonly string[] {
  if (!isInsecure(transcript)) return [];
  return WRITING_METHODS.filter((method) => items.some((item) => item.method === method));
}

async function findAccepted(methods: readonly string[], port: number): Promise<string | undefined> {
  using live = await LiveConnection.open(port);
  live.send(Buffer.from(`CONNECT ${CLEAR_PATH} HTTP/1.0\n\n`));
  await live.readHead();
  for (const method of methods) {
    live.send(Buffer.from(`${method}\n`));
    if ((await live.reader.line()) === "") return `lets strangers call ${method}`;
  }
  return undefined;
}

/** The paces that make a difference for this transcript. */
export function pacesOf(transcript: Transcript): readonly Pace[] {
  const paces: readonly Pace[] = ["as recorded", "byte by byte"];
  return transcript.connections.some(canSendWithHead) ? [...paces, "with the head"] : paces;
}
