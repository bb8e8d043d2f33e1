import { posix } from "node:path";
import { errnoOf } from "../../core/errors.ts";
import { fileTypeOfMode, isNodeType } from "../file-type.ts";
import type { AppendFile, FileStatus, FileSystem, FileTime, FileType, Path, SpaceStatus } from "../files.ts";
import { systemError } from "../system-error.ts";
import { FileOverlay, type OverlayEntry, overlayStatus } from "./file-overlay.ts";
import type { SkippedChanges } from "./skipped-changes.ts";

/** Larger files are remembered by size alone: an image may have gigabytes of them. */
const LARGEST_KEPT_BYTES = 64 * 1024;
const DEFAULT_FILE_MODE = 0o644;
const DEFAULT_DIRECTORY_MODE = 0o755;
const MAX_LINKS = 40;

/** Reads the real files; writes only to memory, where later reads find it. Reading a large file so written fails with ENODATA. */
export class DryRunFileSystem implements FileSystem {
  readonly #real: FileSystem;
  readonly #skipped: SkippedChanges;
  readonly #overlay = new FileOverlay();

  constructor(real: FileSystem, skipped: SkippedChanges) {
    this.#real = real;
    this.#skipped = skipped;
  }

  async readFile(path: Path, options: { readonly limitBytes?: number } = {}): Promise<Buffer> {
    const content = await this.#writtenContent(path);
    if (content === undefined) return this.#real.readFile(path, options);
    if (content.byteLength > (options.limitBytes ?? Number.POSITIVE_INFINITY))
      throw systemError("EFBIG", "read", path);
    return content;
  }

  async readText(path: Path, options: { readonly limitBytes?: number } = {}): Promise<string> {
    return (await this.readFile(path, options)).toString("utf8");
  }

  async readHead(path: Path, lengthBytes: number): Promise<Buffer> {
    return (
      (await this.#writtenContent(path))?.subarray(0, lengthBytes) ?? this.#real.readHead(path, lengthBytes)
    );
  }

  async readAt(path: Path, offsetBytes: number, lengthBytes: number): Promise<Buffer> {
    const content = await this.#writtenContent(path);
    if (content === undefined) return this.#real.readAt(path, offsetBytes, lengthBytes);
    return content.subarray(offsetBytes, offsetBytes + lengthBytes);
  }

  async *readStream(path: Path): AsyncIterable<Buffer> {
    const content = await this.#writtenContent(path);
    if (content === undefined) yield* this.#real.readStream(path);
    else if (content.byteLength > 0) yield content;
  }

  async writeFile(
    path: Path,
    content: string | Uint8Array,
    options: { readonly mode?: number } = {},
  ): Promise<void> {
    await this.#requireParent(path, "open");
    if ((await this.exists(path)) && (await this.stat(path)).type === "directory") {
      throw systemError("EISDIR", "open", path);
    }
    this.#skipped.skipFile(`write ${path.toString()}`);
    const bytes = Buffer.from(content as Uint8Array);
    this.remember(path, bytes.byteLength, bytes, options.mode ?? DEFAULT_FILE_MODE);
  }

  async writeFileAtomic(
    path: Path,
    content: string | Uint8Array,
    options: { readonly mode?: number } = {},
  ): Promise<void> {
    await this.writeFile(path, content, options);
  }

  async openAppend(path: Path, options: { readonly mode?: number } = {}): Promise<AppendFile> {
    await this.#requireParent(path, "open");
    this.#skipped.skipFile(`append to ${path.toString()}`);
    const mode = options.mode ?? DEFAULT_FILE_MODE;
    let content = (await this.exists(path)) ? await this.readFile(path) : Buffer.alloc(0);
    this.remember(path, content.byteLength, content, mode);
    return {
      write: (text) => {
        content = Buffer.concat([content, Buffer.from(text, "utf8")]);
        this.remember(path, content.byteLength, content, mode);
      },
      sizeBytes: () => content.byteLength,
      sync: async () => undefined,
      [Symbol.asyncDispose]: async () => undefined,
    };
  }

  async writeAt(path: Path, offsetBytes: number, content: Uint8Array): Promise<void> {
    await this.stat(path);
    this.#skipped.skip(`write ${content.byteLength} bytes at ${offsetBytes} of ${path.toString()}`);
  }

  async readDirectory(path: Path): Promise<readonly Buffer[]> {
    const finding = this.#overlay.find(path);
    if (finding === "removed") throw systemError("ENOENT", "scandir", path);
    if (finding !== "real" && finding.type !== "directory") throw systemError("ENOTDIR", "scandir", path);
    const { added, removed, showsReal } = this.#overlay.namesIn(path);
    const realNames = showsReal ? await this.#realNames(path, finding === "real") : [];
    const names = new Set([...realNames.filter((name) => !removed.has(name)), ...added]);
    return [...names].map((name) => Buffer.from(name, "latin1")).sort((a, b) => a.compare(b));
  }

  async readDirectoryText(path: Path): Promise<readonly string[]> {
    return (await this.readDirectory(path)).map((name) => name.toString("utf8"));
  }

  async stat(path: Path): Promise<FileStatus> {
    const entry = await this.#written(path);
    return entry === undefined ? this.#real.stat(path) : overlayStatus(entry);
  }

  async lstat(path: Path): Promise<FileStatus> {
    const finding = this.#overlay.find(path);
    if (finding === "real") return this.#real.lstat(path);
    if (finding === "removed") throw systemError("ENOENT", "lstat", path);
    return overlayStatus(finding);
  }

  async exists(path: Path): Promise<boolean> {
    try {
      const finding = this.#overlay.find(path);
      return finding === "real" ? await this.#real.exists(path) : finding !== "removed";
    } catch (error) {
      if (errnoOf(error) === "ENOTDIR") return false;
      throw error;
    }
  }

  async readLink(path: Path): Promise<Buffer> {
    const finding = this.#overlay.find(path);
    if (finding === "real") return this.#real.readLink(path);
    if (finding === "removed") throw systemError("ENOENT", "readlink", path);
    if (finding.type !== "symlink") throw systemError("EINVAL", "readlink", path);
    return finding.content ?? Buffer.alloc(0);
  }

  async realPath(path: string): Promise<string> {
    return this.#overlay.find(path) === "real" ? this.#real.realPath(path) : posix.resolve(path);
  }

  async makeDirectory(
    path: Path,
    options: { readonly mode?: number; readonly parents?: boolean } = {},
  ): Promise<void> {
    const isMade = await this.exists(path);
    if (isMade && options.parents === true && (await this.stat(path)).type === "directory") return;
    if (isMade) throw systemError("EEXIST", "mkdir", path);
    const parent = parentOf(path);
    if (options.parents === true) await this.makeDirectory(parent, { parents: true });
    else await this.#requireParent(path, "mkdir");
    this.#skipped.skipFile(`make directory ${path.toString()}`);
    this.#overlay.put(path, newEntry("directory", options.mode ?? DEFAULT_DIRECTORY_MODE));
  }

  async makeTemporaryDirectory(parent: string, prefix: string): Promise<string> {
    for (let number = 0; ; number++) {
      const path = posix.join(parent, `${prefix}${String(number).padStart(6, "0")}`);
      if (await this.exists(path)) continue;
      await this.makeDirectory(path, { mode: 0o700 });
      return path;
    }
  }

  async makeSymlink(target: Path, path: Path): Promise<void> {
    const content = Buffer.from(target);
    await this.#add(path, "symlink", {
      ...newEntry("symlink", 0o777),
      content,
      sizeBytes: content.byteLength,
    });
  }

  async makeLink(existing: Path, path: Path): Promise<void> {
    await this.#add(path, "link", await this.#entryFor(existing));
  }

  async makeNode(path: Path, mode: number, rdev: bigint): Promise<void> {
    const type = fileTypeOfMode(mode);
    if (!isNodeType(type)) throw systemError("EINVAL", "mknod", path);
    await this.#add(path, "mknod", { ...newEntry(type, mode & 0o7777), rdev });
  }

  async rename(from: Path, to: Path): Promise<void> {
    const entry = await this.#entryFor(from);
    await this.#requireParent(to, "rename");
    this.#skipped.skipFile(`rename ${from.toString()} to ${to.toString()}`);
    this.#overlay.put(from, entry);
    this.#overlay.move(from, to);
  }

  async removeFile(path: Path): Promise<void> {
    if ((await this.lstat(path)).type === "directory") throw systemError("EISDIR", "unlink", path);
    this.#remove(path);
  }

  async removeDirectory(path: Path): Promise<void> {
    if ((await this.readDirectory(path)).length > 0) throw systemError("ENOTEMPTY", "rmdir", path);
    this.#remove(path);
  }

  async removeTree(path: Path): Promise<void> {
    if (await this.exists(path)) this.#remove(path);
  }

  async changeOwner(path: Path, uid: number, gid: number): Promise<void> {
    await this.#change(path, "change owner of", { uid, gid });
  }

  async changeMode(path: Path, mode: number): Promise<void> {
    await this.#change(path, "change mode of", { permissions: mode & 0o7777 });
  }

  async changeTimes(path: Path, time: FileTime): Promise<void> {
    const modifiedNs = time.seconds * 1_000_000_000n + BigInt(time.nanoseconds);
    await this.#change(path, "change times of", { modifiedNs });
  }

  async copyContent(from: Path, to: Path): Promise<void> {
    const { type, sizeBytes } = await this.stat(from);
    if (type === "directory") throw systemError("EISDIR", "copyfile", from);
    const entry = await this.#written(from);
    const content =
      entry === undefined && sizeBytes <= LARGEST_KEPT_BYTES ? await this.readFile(from) : entry?.content;
    await this.#add(to, "copyfile", {
      ...newEntry("file", 0o600),
      sizeBytes,
      ...(content === undefined ? {} : { content }),
    });
  }

  async space(path: Path): Promise<SpaceStatus> {
    const finding = this.#overlay.find(path);
    return this.#real.space(finding === "real" ? path : "/");
  }

  async syncAll(): Promise<void> {
    // Nothing was written.
  }

  async syncFileSystem(path: Path): Promise<void> {
    await this.stat(path);
  }

  /** Remembers a file as written by other parts of the dry run; without content when that was not kept. */
  remember(path: Path, sizeBytes: number, content: Buffer | undefined, permissions = 0o600): void {
    const entry = { ...newEntry("file", permissions), sizeBytes };
    this.#overlay.put(path, content === undefined ? entry : { ...entry, content });
  }

  /** Whether the dry run, not the real machine, knows what is at `path`. */
  isWritten(path: Path): boolean {
    return this.#overlay.find(path) !== "real";
  }

  /** The overlay's entry at `path`, links followed; undefined when the real machine has to answer. */
  async #written(path: Path): Promise<OverlayEntry | undefined> {
    let current = path;
    for (let links = 0; links <= MAX_LINKS; links++) {
      const finding = this.#overlay.find(current);
      if (finding === "removed") throw systemError("ENOENT", "stat", path);
      if (finding === "real") return current === path ? undefined : this.#entryFor(current);
      if (finding.type !== "symlink") return finding;
      current = Buffer.from(
        posix.resolve(
          parentOf(current).toString("latin1"),
          (finding.content ?? Buffer.alloc(0)).toString("latin1"),
        ),
        "latin1",
      );
    }
    throw systemError("ELOOP", "stat", path);
  }

  async #writtenContent(path: Path): Promise<Buffer | undefined> {
    const entry = await this.#written(path);
    if (entry === undefined) return undefined;
    if (entry.type === "directory") throw systemError("EISDIR", "read", path);
    if (entry.content === undefined && entry.sizeBytes > 0) throw systemError("ENODATA", "read", path);
    return entry.content ?? Buffer.alloc(0);
  }

  /** The overlay's entry at `path`, or one that describes the real file there. */
  async #entryFor(path: Path): Promise<OverlayEntry> {
    const finding = this.#overlay.find(path);
    if (finding === "removed") throw systemError("ENOENT", "lstat", path);
    if (finding !== "real") return finding;
    const status = await this.#real.lstat(path);
    if (status.type === "symlink") return { ...status, content: await this.#real.readLink(path) };
    const isKept = status.type === "file" && status.sizeBytes <= LARGEST_KEPT_BYTES;
    return isKept ? { ...status, content: await this.#real.readFile(path) } : status;
  }

  async #realNames(path: Path, isRequired: boolean): Promise<readonly string[]> {
    try {
      return (await this.#real.readDirectory(path)).map((name) => name.toString("latin1"));
    } catch (error) {
      if (!isRequired && errnoOf(error) === "ENOENT") return [];
      throw error;
    }
  }

  async #requireParent(path: Path, syscall: string): Promise<void> {
    const { type } = await this.stat(parentOf(path));
    if (type !== "directory") throw systemError("ENOTDIR", syscall, path);
  }

  async #add(path: Path, syscall: string, entry: OverlayEntry): Promise<void> {
    await this.#requireParent(path, syscall);
    if (await this.exists(path)) throw systemError("EEXIST", syscall, path);
    this.#skipped.skipFile(`make ${entry.type} ${path.toString()}`);
    this.#overlay.put(path, entry);
  }

  #remove(path: Path): void {
    this.#skipped.skipFile(`remove ${path.toString()}`);
    this.#overlay.remove(path);
  }

  async #change(path: Path, what: string, change: Partial<OverlayEntry>): Promise<void> {
    const entry = await this.#entryFor(path);
    this.#skipped.skipFile(`${what} ${path.toString()}`);
    this.#overlay.put(path, { ...entry, ...change });
  }
}

function newEntry(type: FileType, permissions: number): OverlayEntry {
  return { type, permissions, sizeBytes: 0, uid: 0, gid: 0, modifiedNs: 0n, rdev: 0n };
}

function parentOf(path: Path): Buffer {
  return Buffer.from(posix.dirname(Buffer.from(path).toString("latin1")), "latin1");
}
