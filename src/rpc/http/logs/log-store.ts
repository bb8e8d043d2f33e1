import type { FileSystem } from "../../../system/files.ts";
import { linesBackward, linesForward } from "./log-lines.ts";

/** Names of log files (spec/lifecycle.md section 3); nothing else in their directory is shown. Names sort by age. */
const LOG_FILE_NAME = /^\d{4}-\d\d-\d\d:\d\d:\d\d:\d\d(?:\.\d{1,3})?$/;

export interface LogStoreOptions {
  readonly files: Pick<FileSystem, "readAt" | "stat" | "readDirectoryText" | "readLink">;
  /** Empty: no files are written. */
  readonly directory: string;
  /** Name or path of the first file that this process wrote; empty: unknown. */
  readonly firstFile: string;
  /** What is in memory, oldest first. */
  readonly memory: () => readonly string[];
}

/** The log files, and the newest messages in memory for when there are none. */
export class LogStore {
  readonly #options: LogStoreOptions;

  constructor(options: LogStoreOptions) {
    this.#options = options;
  }

  /** Oldest first; empty when there are none or the directory cannot be read. */
  async names(): Promise<readonly string[]> {
    const { files, directory } = this.#options;
    if (directory === "") return [];
    const names = await files.readDirectoryText(directory).catch(() => []);
    return names.filter((name) => LOG_FILE_NAME.test(name)).toSorted();
  }

  /** The file now being written; undefined when there is none. */
  async currentName(): Promise<string | undefined> {
    const { files, directory } = this.#options;
    if (directory === "") return undefined;
    const target = await files.readLink(`${directory}/latest`).catch(() => undefined);
    return this.#existing(target?.toString("utf8") ?? "");
  }

  /** The names of files that this process wrote, oldest first. */
  async currentNames(): Promise<readonly string[]> {
    const first = this.#options.firstFile.slice(this.#options.firstFile.lastIndexOf("/") + 1);
    const current = await this.currentName();
    if (current === undefined) return [];
    if (first === "" || first > current) return [current];
    return (await this.names()).filter((name) => name >= first && name <= current);
  }

  /** The newest file of an earlier start; undefined when there is none. */
  async previousName(): Promise<string | undefined> {
    const [first] = await this.currentNames();
    const names = await this.names();
    return names.findLast((name) => first === undefined || name < first);
  }

  /**
   * The lines of the file `name`, or of the current log for `latest`; undefined when there is no such file. Names are those
   * of the listing: no path leads anywhere else.
   */
  async lines(name: string, recentFirst: boolean): Promise<AsyncIterable<string> | undefined> {
    const found = name === "latest" ? await this.currentName() : await this.#existing(name);
    if (found !== undefined) return this.#read([found], recentFirst);
    return name === "latest" ? this.#memoryLines(recentFirst) : undefined;
  }

  /** All that this process has logged, as far as it is still there. */
  async linesSinceStart(recentFirst: boolean): Promise<AsyncIterable<string>> {
    const names = await this.currentNames();
    return names.length === 0 ? this.#memoryLines(recentFirst) : this.#read(names, recentFirst);
  }

  async #existing(name: string): Promise<string | undefined> {
    return (await this.names()).find((candidate) => candidate === name);
  }

  async *#read(names: readonly string[], recentFirst: boolean): AsyncGenerator<string, void, undefined> {
    const { files, directory } = this.#options;
    const read = recentFirst ? linesBackward : linesForward;
    for (const name of recentFirst ? names.toReversed() : names) yield* read(files, `${directory}/${name}`);
  }

  async *#memoryLines(recentFirst: boolean): AsyncGenerator<string, void, undefined> {
    const lines = this.#options.memory().flatMap((entry) => entry.split("\n"));
    yield* recentFirst ? lines.toReversed() : lines;
  }
}
