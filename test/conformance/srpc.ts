import { readdir, readFile } from "node:fs/promises";
import { join } from "node:path";
import type { ExpectedInode } from "./image-unpack.ts";
import type { ConformanceSet, Report } from "./report.ts";
import { checkAsClient } from "./srpc-client.ts";
import { readRecordedTree } from "./srpc-content.ts";
import { makeParties, type Parties } from "./srpc-parties.ts";
import type { ReplayVerdict } from "./srpc-replay.ts";
import { checkAsServer, pacesOf, RecordedServers } from "./srpc-server.ts";
import { checkShell } from "./srpc-shell.ts";
import { parseTranscript, type Transcript } from "./srpc-transcript.ts";
import { readVectors } from "./vector-text.ts";

/**
 * The set "srpc" (vectors/srpc/INDEX.md): our servers talk to the recorded clients, and our clients to the recorded
 * servers.
 */
export const srpcSet: ConformanceSet = {
  name: "srpc",
  async run(vectorDirectory, report) {
    const directory = join(vectorDirectory, "srpc");
    const files = (await readdir(directory).catch(() => [])).filter((name) => name.endsWith(".jsonl")).sort();
    if (files.length === 0) return;
    await using stage = await Stage.open(vectorDirectory);
    for (const file of files) {
      const name = file.slice(0, -".jsonl".length);
      await report.check(name, async () => {
        const transcript = parseTranscript(await readFile(join(directory, file), "utf8"));
        return stage.check(transcript, report);
      });
    }
  },
};

/** Everything that recordings are played with. */
export class Stage implements AsyncDisposable {
  readonly #parties: Parties;
  readonly #servers: RecordedServers;
  readonly #inodes: readonly ExpectedInode[];

  private constructor(parties: Parties, servers: RecordedServers, inodes: readonly ExpectedInode[]) {
    this.#parties = parties;
    this.#servers = servers;
    this.#inodes = inodes;
  }

  static async open(vectorDirectory: string): Promise<Stage> {
    const parties = makeParties();
    const servers = await RecordedServers.create(parties, await readRecordedTree(vectorDirectory));
    const image = join(vectorDirectory, "image", "from-tar");
    const expected = await readVectors<{ readonly inodes: readonly ExpectedInode[] }>(image, "expected.json");
    return new Stage(parties, servers, expected?.inodes ?? []);
  }

  /** Plays a transcript in all ways; what is wrong in the first that fails. Rules count once a transcript. */
  async check(transcript: Transcript, report: Pick<Report, "applyRule">): Promise<string | undefined> {
    const rules = new Set<string>();
    for (const [how, play] of this.#ways(transcript)) {
      const verdict = await play();
      if (verdict?.why !== undefined) return `${how}: ${verdict.why}`;
      for (const rule of verdict?.rules ?? []) rules.add(rule);
    }
    for (const rule of rules) report.applyRule(rule);
    return undefined;
  }

  #ways(transcript: Transcript): readonly (readonly [string, () => Promise<ReplayVerdict | undefined>])[] {
    if (transcript.meta.server !== "imageserver")
      return [["as a server", () => checkShell(transcript, this.#parties)]];
    const paces = pacesOf(transcript).map((pace) => {
      const play = (): Promise<ReplayVerdict> =>
        checkAsServer(transcript, this.#servers, this.#parties, pace);
      return [`as a server, ${pace}`, play] as const;
    });
    return [...paces, ["as a client", () => checkAsClient(transcript, this.#parties, this.#inodes)]];
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#servers[Symbol.asyncDispose]();
  }
}
