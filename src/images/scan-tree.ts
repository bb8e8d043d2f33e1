import {
  type ByteString,
  byteStringFromBytes,
  byteStringOf,
  bytesOf,
  displayOf,
} from "../core/byte-string.ts";
import { errnoOf, InstallerError } from "../core/errors.ts";
import type { ObjectId } from "../core/object-id.ts";
import { forEachConcurrently } from "../objectcache/concurrency.ts";
import type { ObjectImporter } from "../objectcache/object-store.ts";
import type { FileStatus, FileSystem } from "../system/files.ts";
import type { Filter } from "./filter.ts";
import { fileTimeFromNanoseconds } from "./inode-time.ts";
import { modeOf } from "./mode.ts";
import type {
  DirectoryEntry,
  DirectoryInode,
  FileSystemTree,
  Inode,
  InodeNumber,
  RegularInode,
} from "./model.ts";
import { joinPath, NO_OBJECT, withTrueCounters } from "./tree.ts";
import { validateTree } from "./validate-tree.ts";

/** An entry of the root that managed machines keep for themselves; never part of an image. */
const MANAGEMENT_DIRECTORY = "/.subd";

/** Files read at a time: enough to keep the disk and two hashing workers busy. */
const CONCURRENT_FILES = 4;

export interface ScanTreeRequest {
  readonly root: string;
  readonly files: FileSystem;
  /** Takes the content of every file. */
  readonly objects: ObjectImporter;
  /** Excluded directories are not entered. */
  readonly filter?: Filter;
  readonly signal: AbortSignal;
  /** Files whose content was taken, and their bytes, from the beginning. */
  readonly onProgress?: (files: number, bytes: number) => void;
}

/**
 * Makes the tree of an image from a directory (spec/image.md 9): its file-system only, without sockets and excluded
 * paths; hard links are kept; files that vanish meanwhile are left out. Throws E_IMAGE_SCAN naming the entry.
 */
export async function scanTree(request: ScanTreeRequest): Promise<FileSystemTree> {
  const scan = new TreeScan(request);
  const tree = await scan.run();
  validateTree(tree);
  return tree;
}

interface ScannedDirectory {
  readonly path: ByteString;
  readonly number: InodeNumber;
  readonly status: FileStatus;
  readonly entries: DirectoryEntry[];
}

interface ScannedFile {
  readonly path: ByteString;
  readonly status: FileStatus;
}

class TreeScan {
  readonly #request: ScanTreeRequest;
  readonly #root: ByteString;
  /** Everything but directories. */
  readonly #inodes = new Map<InodeNumber, Inode>();
  readonly #directories = new Map<InodeNumber, ScannedDirectory>();
  /** Non-empty files, whose content is taken after the walk, several at a time. */
  readonly #files: ScannedFile[] = [];
  readonly #seenFiles = new Set<InodeNumber>();

  constructor(request: ScanTreeRequest) {
    this.#request = request;
    this.#root = byteStringOf(request.root);
  }

  async run(): Promise<FileSystemTree> {
    const status = await this.#request.files.stat(this.#request.root);
    if (status.type !== "directory") {
      throw new InstallerError("E_IMAGE_SCAN", `scanning ${this.#request.root}: not a directory`);
    }
    const rootPath = "/" as ByteString;
    const root: ScannedDirectory = { path: rootPath, number: status.inode, status, entries: [] };
    this.#directories.set(root.number, root);
    for (const directory of this.#directories.values()) await this.#scanDirectory(directory, status.device);
    await this.#takeContents();
    this.#directories.delete(root.number);
    for (const directory of this.#directories.values()) {
      this.#inodes.set(directory.number, this.#directoryInode(directory));
    }
    // The directories in the table, so that entries of vanished files can be told.
    return withTrueCounters({ inodes: this.#inodes, root: this.#directoryInode(root) });
  }

  #directoryInode({ status, entries }: ScannedDirectory): DirectoryInode {
    return {
      kind: "directory",
      mode: modeOf("directory", status.permissions),
      uid: status.uid,
      gid: status.gid,
      entries: entries.filter(({ inode }) => this.#inodes.has(inode) || this.#directories.has(inode)),
    };
  }

  async #scanDirectory(directory: ScannedDirectory, device: bigint): Promise<void> {
    const { files, filter, signal } = this.#request;
    const names = await orVanished(directory.path, files.readDirectory(this.#place(directory.path)));
    for (const nameBytes of names ?? []) {
      signal.throwIfAborted();
      const name = byteStringFromBytes(nameBytes);
      const path = joinPath(directory.path, name);
      if (path === MANAGEMENT_DIRECTORY || filter?.isExcluded(path) === true) continue;
      const status = await orVanished(path, files.lstat(this.#place(path)));
      if (status === undefined || status.device !== device || status.type === "socket") continue;
      await this.#scanEntry(path, status);
      directory.entries.push({ name, inode: status.inode });
    }
  }

  async #scanEntry(path: ByteString, status: FileStatus): Promise<void> {
    const number = status.inode;
    if (status.type === "directory") {
      if (this.#directories.has(number)) {
        throw new InstallerError("E_IMAGE_SCAN", `scanning ${displayOf(path)}: the directory occurs twice`);
      }
      this.#directories.set(number, { path, number, status, entries: [] });
      return;
    }
    if (this.#seenFiles.has(number)) return;
    this.#seenFiles.add(number);
    if (status.type === "file" && status.sizeBytes > 0) {
      this.#files.push({ path, status });
      return;
    }
    const inode = await this.#inodeWithoutContent(path, status);
    if (inode !== undefined) this.#inodes.set(number, inode);
  }

  async #inodeWithoutContent(path: ByteString, status: FileStatus): Promise<Inode | undefined> {
    const { type, permissions, uid, gid, rdev } = status;
    if (type === "file") return regularInode(status, 0, NO_OBJECT);
    if (type === "symlink") {
      const target = await orVanished(path, this.#request.files.readLink(this.#place(path)));
      return target === undefined
        ? undefined
        : { kind: "symlink", uid, gid, target: byteStringFromBytes(target) };
    }
    return { kind: "special", mode: modeOf(type, permissions), uid, gid, ...storedTime(status), rdev };
  }

  async #takeContents(): Promise<void> {
    const { objects, signal, onProgress } = this.#request;
    let takenFiles = 0;
    let takenBytes = 0;
    await forEachConcurrently(this.#files, CONCURRENT_FILES, async ({ path, status }) => {
      signal.throwIfAborted();
      const content = await orVanished(path, objects.addFile(this.#place(path)));
      if (content === undefined) return;
      this.#inodes.set(status.inode, regularInode(status, content.sizeBytes, content.id));
      takenFiles += 1;
      takenBytes += content.sizeBytes;
      onProgress?.(takenFiles, takenBytes);
    });
  }

  /** Where a path of the tree is on this machine. */
  #place(path: ByteString): Buffer {
    return bytesOf(joinPath(this.#root, path.slice(1) as ByteString));
  }
}

/** The inode of a file with this status and content; a file that is empty has no object. */
function regularInode(status: FileStatus, sizeBytes: number, id: ObjectId): RegularInode {
  return {
    kind: "regular",
    mode: modeOf("file", status.permissions),
    uid: status.uid,
    gid: status.gid,
    ...storedTime(status),
    sizeBytes,
    objectId: sizeBytes === 0 ? NO_OBJECT : id,
  };
}

function storedTime(status: FileStatus): {
  readonly mtimeSeconds: bigint;
  readonly mtimeNanoseconds: number;
} {
  const { seconds, nanoseconds } = fileTimeFromNanoseconds(status.modifiedNs);
  return { mtimeSeconds: seconds, mtimeNanoseconds: nanoseconds };
}

async function orVanished<T>(path: ByteString, operation: Promise<T>): Promise<T | undefined> {
  try {
    return await operation;
  } catch (error) {
    if (errnoOf(error) === "ENOENT") return undefined;
    throw new InstallerError("E_IMAGE_SCAN", `scanning ${displayOf(path)}`, { cause: error });
  }
}
