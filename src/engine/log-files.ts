import type { AppendFile, FileSystem } from "../system/files.ts";
import type { Clock } from "../system/power.ts";
import type { InstallerEvent } from "./events.ts";
import { formatLogLine } from "./log-line.ts";

/** The original's lower bounds (spec/cli.md section 6). */
const MINIMUM_FILE_BYTES = 16 * 1024;
const MINIMUM_QUOTA_BYTES = 64 * 1024;
/** However small, a file counts as at least this part of the quota, so that their number stays bounded too. */
const QUOTA_SHARE = 1024;
const CURRENT_LINK = "latest";
const LOG_FILE_NAME = /^\d{4}-\d\d-\d\d:\d\d:\d\d:\d\d(\.\d{1,3})?$/;

export interface LogFilesOptions {
  readonly files: FileSystem;
  readonly clock: Clock;
  readonly directory: string;
  readonly maximumFileBytes: number;
  readonly quotaBytes: number;
}

/**
 * The log directory (spec/lifecycle.md section 3): one file a process start, `latest` points to the current one, a full
 * file is followed by a new one, and the oldest are deleted when all together exceed the quota.
 */
export class LogFiles implements AsyncDisposable {
  readonly #options: LogFilesOptions;
  readonly #maximumFileBytes: number;
  #file: AppendFile;
  #name: string;
  #rotation: Promise<void> | undefined;
  #pending: string[] = [];

  private constructor(options: LogFilesOptions, name: string, file: AppendFile) {
    this.#options = options;
    this.#maximumFileBytes = Math.max(MINIMUM_FILE_BYTES, options.maximumFileBytes);
    this.#name = name;
    this.#file = file;
  }

  /** Makes the directory if need be and opens the first file; system errors as they are. */
  static async open(options: LogFilesOptions): Promise<LogFiles> {
    await options.files.makeDirectory(options.directory, { parents: true });
    const name = logFileName(options.clock.nowMs());
    const file = await openCurrent(options, name);
    const logFiles = new LogFiles(options, name, file);
    await logFiles.#enforceQuota();
    return logFiles;
  }

  /** Path of the file now being written. */
  get currentPath(): string {
    return `${this.#options.directory}/${this.#name}`;
  }

  record(event: InstallerEvent): void {
    if (event.kind !== "log") return;
    const line = `${formatLogLine(event)}\n`;
    if (this.#rotation !== undefined) {
      this.#pending.push(line);
      return;
    }
    this.#file.write(line);
    if (this.#file.sizeBytes() > this.#maximumFileBytes) this.#rotation = this.#rotate();
  }

  /** Everything recorded so far is on the disk when this resolves. */
  async sync(): Promise<void> {
    await this.#rotation;
    await this.#file.sync();
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#rotation;
    await this.#file[Symbol.asyncDispose]();
  }

  async #rotate(): Promise<void> {
    const closed = this.#file;
    try {
      const name = logFileName(this.#options.clock.nowMs());
      closed.write(`${name} log file is full, continued in the next one\n`);
      this.#file = await openCurrent(this.#options, name);
      this.#name = name;
      await closed[Symbol.asyncDispose]();
      await this.#enforceQuota();
    } catch {
      // A full or broken log file-system must not stop an installation: go on with the file that is open.
      this.#file = closed;
    } finally {
      for (const line of this.#pending) this.#file.write(line);
      this.#pending = [];
      this.#rotation = undefined;
    }
  }

  async #enforceQuota(): Promise<void> {
    const { files, directory } = this.#options;
    const quotaBytes = Math.max(MINIMUM_QUOTA_BYTES, this.#options.quotaBytes);
    const names = (await files.readDirectoryText(directory)).filter((name) => LOG_FILE_NAME.test(name));
    const sized = await Promise.all(
      names.map(async (name) => ({ name, sizeBytes: (await files.stat(`${directory}/${name}`)).sizeBytes })),
    );
    for (const name of planDeletions(sized, this.#name, quotaBytes))
      await files.removeFile(`${directory}/${name}`);
  }
}

/** The oldest files to delete so that the rest fits the quota; never the current one. Names sort by age. */
export function planDeletions(
  logFiles: readonly { readonly name: string; readonly sizeBytes: number }[],
  currentName: string,
  quotaBytes: number,
): readonly string[] {
  const charged = logFiles
    .map(({ name, sizeBytes }) => ({ name, charge: Math.max(sizeBytes, quotaBytes / QUOTA_SHARE) }))
    .sort((left, right) => (left.name < right.name ? -1 : 1));
  let total = charged.reduce((sum, { charge }) => sum + charge, 0);
  const deletions: string[] = [];
  for (const { name, charge } of charged) {
    if (total <= quotaBytes) break;
    if (name === currentName) continue;
    deletions.push(name);
    total -= charge;
  }
  return deletions;
}

/** Start time as a file name: `2026-11-20:20:42:25.98` (local time, trailing zeros of the fraction removed). */
export function logFileName(nowMs: number): string {
  const date = new Date(nowMs);
  const two = (value: number): string => String(value).padStart(2, "0");
  const day = `${date.getFullYear()}-${two(date.getMonth() + 1)}-${two(date.getDate())}`;
  const time = `${two(date.getHours())}:${two(date.getMinutes())}:${two(date.getSeconds())}`;
  const fraction = String(date.getMilliseconds()).padStart(3, "0").replace(/0+$/, "");
  return `${day}:${time}${fraction === "" ? "" : `.${fraction}`}`;
}

async function openCurrent(options: LogFilesOptions, name: string): Promise<AppendFile> {
  const { files, directory } = options;
  const file = await files.openAppend(`${directory}/${name}`, { mode: 0o644 });
  const temporaryLink = `${directory}/${CURRENT_LINK}~`;
  if (await files.exists(temporaryLink)) await files.removeFile(temporaryLink);
  await files.makeSymlink(name, temporaryLink);
  await files.rename(temporaryLink, `${directory}/${CURRENT_LINK}`);
  return file;
}
