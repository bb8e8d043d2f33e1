import * as fs from "node:fs";
import { copyFile, open, realpath, statfs } from "node:fs/promises";
import { join } from "node:path";
import { errnoOf } from "../../core/errors.ts";
import { fileTypeOfMode } from "../file-type.ts";
import type { AppendFile, FileStatus, FileSystem, FileTime, Path, SpaceStatus } from "../files.ts";
import { parseMountTable } from "../mount-table.ts";
import { systemError } from "../system-error.ts";
import { EventLoopShare } from "./event-loop-share.ts";
import * as contents from "./file-contents.ts";
import type { NativeCalls } from "./native/native-calls.ts";
import { removeTreeWithin } from "./remove-tree.ts";

const DEFAULT_FILE_MODE = 0o644;
const DEFAULT_DIRECTORY_MODE = 0o755;
const PERMISSION_BITS = 0o7777;
const COPY_MODE = 0o600;

/** Up to these sizes content moves synchronously: the detour through the thread pool would take longer. */
const SMALL_COPY_BYTES = 128 * 1024;
const SMALL_WRITE_BYTES = 16 * 1024;

/**
 * The files of this machine. Large content moves through libuv's thread pool; small files and metadata by
 * synchronous calls that share the event loop (see EventLoopShare).
 */
export class NodeFileSystem implements FileSystem {
  readonly #native: () => NativeCalls;
  readonly #share = new EventLoopShare();
  /** Holds a small file while it is copied. */
  readonly #copyBuffer = Buffer.allocUnsafeSlow(SMALL_COPY_BYTES + 1);

  constructor(native: () => NativeCalls) {
    this.#native = native;
  }

  async readFile(path: Path, options: { readonly limitBytes?: number } = {}): Promise<Buffer> {
    return contents.readContent(path, options.limitBytes);
  }

  async readText(path: Path, options: { readonly limitBytes?: number } = {}): Promise<string> {
    return (await contents.readContent(path, options.limitBytes)).toString("utf8");
  }

  async readHead(path: Path, lengthBytes: number): Promise<Buffer> {
    return contents.readContentAt(path, 0, lengthBytes);
  }

  async readAt(path: Path, offsetBytes: number, lengthBytes: number): Promise<Buffer> {
    return contents.readContentAt(path, offsetBytes, lengthBytes);
  }

  readStream(path: Path): AsyncIterable<Buffer> {
    return contents.streamContent(path);
  }

  async writeFile(
    path: Path,
    content: string | Uint8Array,
    options: { readonly mode?: number } = {},
  ): Promise<void> {
    const bytes = Buffer.from(content as Uint8Array);
    const mode = options.mode ?? DEFAULT_FILE_MODE;
    if (bytes.byteLength > SMALL_WRITE_BYTES) await contents.writeContent(path, bytes, mode);
    else await this.#share.run(() => contents.writeContentSync(path, bytes, mode));
  }

  async writeFileAtomic(
    path: Path,
    content: string | Uint8Array,
    options: { readonly mode?: number } = {},
  ): Promise<void> {
    await contents.writeContentAtomic(path, content, options.mode ?? DEFAULT_FILE_MODE);
  }

  async openAppend(path: Path, options: { readonly mode?: number } = {}): Promise<AppendFile> {
    return new NodeAppendFile(path, options.mode ?? DEFAULT_FILE_MODE);
  }

  async writeAt(path: Path, offsetBytes: number, content: Uint8Array): Promise<void> {
    await contents.overwriteContent(path, offsetBytes, content);
  }

  readDirectory(path: Path): Promise<readonly Buffer[]> {
    return this.#share.run(() => fs.readdirSync(path, { encoding: "buffer" }).sort((a, b) => a.compare(b)));
  }

  async readDirectoryText(path: Path): Promise<readonly string[]> {
    return (await this.readDirectory(path)).map((name) => name.toString("utf8"));
  }

  stat(path: Path): Promise<FileStatus> {
    return this.#share.run(() => statusOf(fs.statSync(path, { bigint: true })));
  }

  lstat(path: Path): Promise<FileStatus> {
    return this.#share.run(() => statusOf(fs.lstatSync(path, { bigint: true })));
  }

  async exists(path: Path): Promise<boolean> {
    try {
      await this.lstat(path);
      return true;
    } catch (error) {
      if (isAbsence(error)) return false;
      throw error;
    }
  }

  readLink(path: Path): Promise<Buffer> {
    return this.#share.run(() => fs.readlinkSync(path, { encoding: "buffer" }));
  }

  async realPath(path: string): Promise<string> {
    return realpath(path);
  }

  async makeDirectory(
    path: Path,
    options: { readonly mode?: number; readonly parents?: boolean } = {},
  ): Promise<void> {
    const mode = options.mode ?? DEFAULT_DIRECTORY_MODE;
    await this.#share.run(() => {
      if (options.parents === true) makeDirectoryWithParents(path, mode);
      else makeOneDirectory(path, mode);
    });
  }

  async makeTemporaryDirectory(parent: string, prefix: string): Promise<string> {
    return this.#share.run(() => fs.mkdtempSync(join(parent, prefix)));
  }

  makeSymlink(target: Path, path: Path): Promise<void> {
    return this.#share.run(() => fs.symlinkSync(target, path));
  }

  makeLink(existing: Path, path: Path): Promise<void> {
    return this.#share.run(() => fs.linkSync(existing, path));
  }

  async makeNode(path: Path, mode: number, rdev: bigint): Promise<void> {
    await this.#share.run(() => {
      this.#native().mknod(path, mode, rdev);
      fs.chmodSync(path, mode & PERMISSION_BITS);
    });
  }

  rename(from: Path, to: Path): Promise<void> {
    return this.#share.run(() => fs.renameSync(from, to));
  }

  removeFile(path: Path): Promise<void> {
    return this.#share.run(() => fs.unlinkSync(path));
  }

  removeDirectory(path: Path): Promise<void> {
    return this.#share.run(() => fs.rmdirSync(path));
  }

  async removeTree(path: Path): Promise<void> {
    const mountPoints = parseMountTable((await contents.readContent("/proc/self/mounts")).toString("latin1"));
    await removeTreeWithin({
      path,
      mountPoints: new Set(mountPoints.map((entry) => entry.mountPoint)),
      share: this.#share,
    });
  }

  changeOwner(path: Path, uid: number, gid: number): Promise<void> {
    return this.#share.run(() => fs.lchownSync(path, uid, gid));
  }

  changeMode(path: Path, mode: number): Promise<void> {
    return this.#share.run(() => fs.chmodSync(path, mode & PERMISSION_BITS));
  }

  changeTimes(path: Path, time: FileTime): Promise<void> {
    return this.#share.run(() => this.#native().setTimes(path, time));
  }

  async copyContent(from: Path, to: Path): Promise<void> {
    if (await this.#share.run(() => this.#copySmall(from, to))) return;
    await copyFile(from, to, fs.constants.COPYFILE_EXCL);
    await this.changeMode(to, COPY_MODE);
  }

  /** Copies by way of memory, which takes half the system calls of copyFile; false when the file is not small. */
  #copySmall(from: Path, to: Path): boolean {
    const lengthBytes = contents.readSmallSync(from, this.#copyBuffer);
    if (lengthBytes === undefined) return false;
    contents.createContentSync(to, this.#copyBuffer.subarray(0, lengthBytes));
    return true;
  }

  async space(path: Path): Promise<SpaceStatus> {
    const status = await statfs(path);
    return {
      blockSizeBytes: status.bsize,
      freeBytes: status.bfree * status.bsize,
      totalBytes: status.blocks * status.bsize,
      freeInodes: status.ffree,
    };
  }

  async syncAll(): Promise<void> {
    await this.#native().sync();
  }

  async syncFileSystem(path: Path): Promise<void> {
    await using file = await open(path, "r");
    await this.#native().syncFileSystem(file.fd, path);
  }
}

/** Written synchronously: lines in a buffer would die with the process, which often ends by kexec or reboot. */
class NodeAppendFile implements AppendFile {
  readonly #fd: number;
  #sizeBytes: number;
  #isOpen = true;

  constructor(path: Path, mode: number) {
    this.#fd = fs.openSync(path, "a", mode);
    this.#sizeBytes = fs.fstatSync(this.#fd).size;
  }

  write(text: string): void {
    const bytes = Buffer.from(text, "utf8");
    for (let written = 0; written < bytes.byteLength; ) written += fs.writeSync(this.#fd, bytes, written);
    this.#sizeBytes += bytes.byteLength;
  }

  sizeBytes(): number {
    return this.#sizeBytes;
  }

  async sync(): Promise<void> {
    await new Promise<void>((resolve, reject) => {
      fs.fdatasync(this.#fd, (error) => (error === null ? resolve() : reject(error)));
    });
  }

  async [Symbol.asyncDispose](): Promise<void> {
    if (!this.#isOpen) return;
    this.#isOpen = false;
    fs.closeSync(this.#fd);
  }
}

function makeOneDirectory(path: Path, mode: number): void {
  fs.mkdirSync(path, mode);
  // mkdir(2) subtracts the umask and ignores set-uid and set-gid.
  fs.chmodSync(path, mode & PERMISSION_BITS);
}

function makeDirectoryWithParents(path: Path, mode: number): void {
  try {
    makeOneDirectory(path, mode);
  } catch (error) {
    if (errnoOf(error) === "ENOENT") {
      const parent = contents.directoryOf(path);
      if (Buffer.from(parent).equals(Buffer.from(path))) throw error;
      makeDirectoryWithParents(parent, DEFAULT_DIRECTORY_MODE);
      makeDirectoryWithParents(path, mode);
    } else if (errnoOf(error) !== "EEXIST" || !fs.statSync(path).isDirectory()) throw error;
  }
}

function isAbsence(error: unknown): boolean {
  const errno = errnoOf(error);
  return errno === "ENOENT" || errno === "ENOTDIR";
}

function statusOf(stats: fs.BigIntStats): FileStatus {
  const type = fileTypeOfMode(Number(stats.mode));
  if (type === undefined) throw systemError("EINVAL", "stat");
  return {
    type,
    permissions: Number(stats.mode) & PERMISSION_BITS,
    uid: Number(stats.uid),
    gid: Number(stats.gid),
    sizeBytes: Number(stats.size),
    device: stats.dev,
    inode: stats.ino,
    linkCount: Number(stats.nlink),
    rdev: stats.rdev,
    modifiedNs: stats.mtimeNs,
  };
}
