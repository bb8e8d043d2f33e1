import { posix } from "node:path";
import { errnoOf } from "../../src/core/errors.ts";
import { fileTypeOfMode, isNodeType } from "../../src/system/file-type.ts";
import type {
  AppendFile,
  FileStatus,
  FileSystem,
  FileTime,
  FileType,
  Path,
  SpaceStatus,
} from "../../src/system/files.ts";
import { type ErrnoName, systemError } from "../../src/system/system-error.ts";

const MAX_LINKS = 40;
const DEFAULT_LIMIT_BYTES = 64 * 1024 * 1024;
const BLOCK_BYTES = 4096;

/** Anything that can have a name. */
interface MemoryNode {
  readonly type: FileType;
  readonly inode: bigint;
  permissions: number;
  uid: number;
  gid: number;
  modifiedNs: bigint;
  linkCount: number;
  /** Of files; of links the target. */
  content: Buffer;
  readonly rdev: bigint;
  /** Of directories; names as bytes, one character each. */
  readonly entries: Map<string, MemoryNode>;
}

/** Where a path leads: the directory that holds its last component, that name, and the node if there is one. */
interface Place {
  readonly parent: MemoryNode;
  readonly name: string;
  readonly node: MemoryNode | undefined;
}

export interface MemoryFileSystemOptions {
  /** Text files by absolute path; their directories are made. A path that ends in `/` is a directory. */
  readonly files?: Readonly<Record<string, string>>;
  readonly space?: Partial<SpaceStatus>;
}

/** A file-system in memory with owners, modes, times, links and nodes; it behaves as Linux does for root. */
export class MemoryFileSystem implements FileSystem {
  /** Absolute paths that `removeTree` must not remove, as a mounted file-system would not. */
  readonly mountPoints = new Set<string>();
  /** Paths given to `syncFileSystem`, and `*` for each `syncAll`, in order. */
  readonly synced: string[] = [];
  #lastInode = 1n;
  #nowNs = 1_700_000_000_000_000_000n;
  readonly #root: MemoryNode;
  readonly #space: SpaceStatus;

  constructor(options: MemoryFileSystemOptions = {}) {
    this.#root = this.#newNode("directory", 0o755);
    this.#space = {
      blockSizeBytes: BLOCK_BYTES,
      freeBytes: 2 ** 40,
      totalBytes: 2 ** 41,
      freeInodes: 2 ** 24,
      ...options.space,
    };
    for (const [path, content] of Object.entries(options.files ?? {})) {
      if (path.endsWith("/")) this.#makeParents(path, 0o755);
      else {
        this.#makeParents(posix.dirname(path), 0o755);
        this.#write(path, Buffer.from(content), 0o644);
      }
    }
  }

  async readFile(path: Path, options: { readonly limitBytes?: number } = {}): Promise<Buffer> {
    const { content } = this.#file(path, "open");
    if (content.byteLength > (options.limitBytes ?? DEFAULT_LIMIT_BYTES))
      throw systemError("EFBIG", "read", path);
    return Buffer.from(content);
  }

  async readText(path: Path, options: { readonly limitBytes?: number } = {}): Promise<string> {
    return (await this.readFile(path, options)).toString("utf8");
  }

  async readHead(path: Path, lengthBytes: number): Promise<Buffer> {
    return Buffer.from(this.#file(path, "open").content.subarray(0, lengthBytes));
  }

  async readAt(path: Path, offsetBytes: number, lengthBytes: number): Promise<Buffer> {
    const { content } = this.#file(path, "open");
    return Buffer.from(content.subarray(offsetBytes, offsetBytes + lengthBytes));
  }

  async *readStream(path: Path): AsyncIterable<Buffer> {
    const { content } = this.#file(path, "open");
    for (let offset = 0; offset < content.byteLength; offset += 1024 * 1024) {
      yield Buffer.from(content.subarray(offset, offset + 1024 * 1024));
    }
  }

  async writeFile(
    path: Path,
    content: string | Uint8Array,
    options: { readonly mode?: number } = {},
  ): Promise<void> {
    this.#write(path, Buffer.from(content as Uint8Array), options.mode ?? 0o644);
  }

  async writeFileAtomic(
    path: Path,
    content: string | Uint8Array,
    options: { readonly mode?: number } = {},
  ): Promise<void> {
    const { parent, name, node } = this.#find(path, { syscall: "open", followLast: false });
    if (node?.type === "directory") throw systemError("EISDIR", "rename", path);
    const file = this.#newNode("file", options.mode ?? 0o644);
    file.content = Buffer.from(content as Uint8Array);
    if (node !== undefined) node.linkCount--;
    parent.entries.set(name, file);
  }

  async openAppend(path: Path, options: { readonly mode?: number } = {}): Promise<AppendFile> {
    const existing = this.#find(path, { syscall: "open", followLast: true }).node;
    const node = existing ?? this.#write(path, Buffer.alloc(0), options.mode ?? 0o644);
    return {
      write: (text) => {
        node.content = Buffer.concat([node.content, Buffer.from(text)]);
      },
      sizeBytes: () => node.content.byteLength,
      sync: async () => undefined,
      [Symbol.asyncDispose]: async () => undefined,
    };
  }

  async writeAt(path: Path, offsetBytes: number, content: Uint8Array): Promise<void> {
    const node = this.#file(path, "open");
    const grown = Buffer.alloc(Math.max(node.content.byteLength, offsetBytes + content.byteLength));
    grown.set(node.content);
    grown.set(content, offsetBytes);
    node.content = grown;
    node.modifiedNs = this.#tick();
  }

  async readDirectory(path: Path): Promise<readonly Buffer[]> {
    const node = this.#existing(path, "scandir", true);
    if (node.type !== "directory") throw systemError("ENOTDIR", "scandir", path);
    return [...node.entries.keys()].map((name) => Buffer.from(name, "latin1")).sort((a, b) => a.compare(b));
  }

  async readDirectoryText(path: Path): Promise<readonly string[]> {
    return (await this.readDirectory(path)).map((name) => name.toString("utf8"));
  }

  async stat(path: Path): Promise<FileStatus> {
    return statusOf(this.#existing(path, "stat", true));
  }

  async lstat(path: Path): Promise<FileStatus> {
    return statusOf(this.#existing(path, "lstat", false));
  }

  async exists(path: Path): Promise<boolean> {
    try {
      return this.#find(path, { syscall: "lstat", followLast: false }).node !== undefined;
    } catch (error) {
      if (["ENOENT", "ENOTDIR"].includes(errnoOf(error) ?? "")) return false;
      throw error;
    }
  }

  async readLink(path: Path): Promise<Buffer> {
    const node = this.#existing(path, "readlink", false);
    if (node.type !== "symlink") throw systemError("EINVAL", "readlink", path);
    return Buffer.from(node.content);
  }

  async realPath(path: string): Promise<string> {
    const target = this.#existing(path, "realpath", true);
    return this.#pathOf(target, this.#root, "") ?? "/";
  }

  async makeDirectory(
    path: Path,
    options: { readonly mode?: number; readonly parents?: boolean } = {},
  ): Promise<void> {
    if (options.parents === true) this.#makeParents(path, options.mode ?? 0o755);
    else this.#add(path, this.#newNode("directory", options.mode ?? 0o755), "mkdir");
  }

  async makeTemporaryDirectory(parent: string, prefix: string): Promise<string> {
    const path = posix.join(parent, `${prefix}${String(this.#lastInode).padStart(6, "0")}`);
    await this.makeDirectory(path, { mode: 0o700 });
    return path;
  }

  async makeSymlink(target: Path, path: Path): Promise<void> {
    const node = this.#newNode("symlink", 0o777);
    node.content = Buffer.from(target as Buffer);
    this.#add(path, node, "symlink");
  }

  async makeLink(existing: Path, path: Path): Promise<void> {
    const node = this.#existing(existing, "link", false);
    if (node.type === "directory") throw systemError("EPERM", "link", existing);
    this.#add(path, node, "link");
    node.linkCount++;
  }

  async makeNode(path: Path, mode: number, rdev: bigint): Promise<void> {
    const type = fileTypeOfMode(mode);
    if (!isNodeType(type)) throw systemError("EINVAL", "mknod", path);
    const hasDevice = type === "block" || type === "character";
    this.#add(path, this.#newNode(type, mode & 0o7777, hasDevice ? rdev : 0n), "mknod");
  }

  async rename(from: Path, to: Path): Promise<void> {
    const source = this.#find(from, { syscall: "rename", followLast: false });
    const target = this.#find(to, { syscall: "rename", followLast: false });
    if (source.node === undefined) throw systemError("ENOENT", "rename", from);
    if (source.node === target.node) return;
    if (target.node !== undefined) checkReplaceable(source.node, target.node, to);
    source.parent.entries.delete(source.name);
    target.parent.entries.set(target.name, source.node);
    if (target.node !== undefined) target.node.linkCount--;
  }

  async removeFile(path: Path): Promise<void> {
    const { parent, name, node } = this.#find(path, { syscall: "unlink", followLast: false });
    if (node === undefined) throw systemError("ENOENT", "unlink", path);
    if (node.type === "directory") throw systemError("EISDIR", "unlink", path);
    parent.entries.delete(name);
    node.linkCount--;
  }

  async removeDirectory(path: Path): Promise<void> {
    const { parent, name, node } = this.#find(path, { syscall: "rmdir", followLast: false });
    if (node === undefined) throw systemError("ENOENT", "rmdir", path);
    if (node.type !== "directory") throw systemError("ENOTDIR", "rmdir", path);
    if (node.entries.size > 0) throw systemError("ENOTEMPTY", "rmdir", path);
    parent.entries.delete(name);
  }

  async removeTree(path: Path): Promise<void> {
    if (!(await this.exists(path))) return;
    const status = await this.lstat(path);
    if (status.type !== "directory") {
      await this.removeFile(path);
      return;
    }
    if (this.mountPoints.has(path.toString())) throw systemError("EBUSY", "rmdir", path);
    for (const name of await this.readDirectory(path)) {
      await this.removeTree(Buffer.concat([Buffer.from(path as Buffer), Buffer.from("/"), name]));
    }
    await this.removeDirectory(path);
  }

  async changeOwner(path: Path, uid: number, gid: number): Promise<void> {
    const node = this.#existing(path, "lchown", false);
    node.uid = uid;
    node.gid = gid;
    // As Linux does: a change of owner takes the set-id bits of a program away.
    if (node.type === "file") node.permissions &= node.permissions & 0o010 ? ~0o6000 : ~0o4000;
  }

  async changeMode(path: Path, mode: number): Promise<void> {
    this.#existing(path, "chmod", true).permissions = mode & 0o7777;
  }

  async changeTimes(path: Path, time: FileTime): Promise<void> {
    this.#existing(path, "utimensat", false).modifiedNs =
      time.seconds * 1_000_000_000n + BigInt(time.nanoseconds);
  }

  async copyContent(from: Path, to: Path): Promise<void> {
    const content = Buffer.from(this.#file(from, "copyfile").content);
    const node = this.#newNode("file", 0o600);
    node.content = content;
    this.#add(to, node, "copyfile");
  }

  async space(path: Path): Promise<SpaceStatus> {
    this.#existing(path, "statfs", true);
    return this.#space;
  }

  async syncAll(): Promise<void> {
    this.synced.push("*");
  }

  async syncFileSystem(path: Path): Promise<void> {
    this.#existing(path, "open", true);
    this.synced.push(path.toString());
  }

  #newNode(type: FileType, permissions: number, rdev = 0n): MemoryNode {
    return {
      type,
      inode: this.#lastInode++,
      permissions,
      uid: 0,
      gid: 0,
      modifiedNs: this.#tick(),
      linkCount: type === "directory" ? 2 : 1,
      content: Buffer.alloc(0),
      rdev,
      entries: new Map(),
    };
  }

  /** Each change has a moment of its own. */
  #tick(): bigint {
    this.#nowNs += 1_000_000n;
    return this.#nowNs;
  }

  #write(path: Path, content: Buffer, mode: number): MemoryNode {
    const place = this.#find(path, { syscall: "open", followLast: true });
    const node = place.node ?? this.#newNode("file", mode);
    if (node.type === "directory") throw systemError("EISDIR", "open", path);
    node.content = content;
    node.permissions = mode;
    node.modifiedNs = this.#tick();
    place.parent.entries.set(place.name, node);
    return node;
  }

  #add(path: Path, node: MemoryNode, syscall: string): void {
    const place = this.#find(path, { syscall, followLast: false });
    if (place.node !== undefined) throw systemError("EEXIST", syscall, path);
    place.parent.entries.set(place.name, node);
  }

  #makeParents(path: Path, mode: number): void {
    const names = latin1Of(path).split("/").filter(Boolean);
    for (let depth = 1; depth <= names.length; depth++) {
      const prefix = Buffer.from(`/${names.slice(0, depth).join("/")}`, "latin1");
      const { node } = this.#find(prefix, { syscall: "mkdir", followLast: true });
      if (node === undefined)
        this.#add(prefix, this.#newNode("directory", depth === names.length ? mode : 0o755), "mkdir");
      else if (node.type !== "directory")
        throw systemError(depth === names.length ? "EEXIST" : "ENOTDIR", "mkdir", path);
    }
  }

  #existing(path: Path, syscall: string, followLast: boolean): MemoryNode {
    const { node } = this.#find(path, { syscall, followLast });
    if (node === undefined) throw systemError("ENOENT", syscall, path);
    return node;
  }

  #file(path: Path, syscall: string): MemoryNode {
    const node = this.#existing(path, syscall, true);
    if (node.type === "directory") throw systemError("EISDIR", "read", path);
    return node;
  }

  #find(
    path: Path,
    { syscall, followLast }: { readonly syscall: string; readonly followLast: boolean },
  ): Place {
    const fail = (code: ErrnoName): Error => systemError(code, syscall, path);
    const pending = latin1Of(path).split("/").filter(isComponent).reverse();
    const trail: { parent: MemoryNode; name: string; node: MemoryNode | undefined }[] = [];
    const here = (): MemoryNode | undefined => (trail.length === 0 ? this.#root : trail.at(-1)?.node);
    for (let links = 0, name = pending.pop(); name !== undefined; name = pending.pop()) {
      const parent = here();
      if (parent === undefined) throw fail("ENOENT");
      if (parent.type !== "directory") throw fail("ENOTDIR");
      if (name === "..") {
        trail.pop();
        continue;
      }
      const node = parent.entries.get(name);
      if (node?.type === "symlink" && (pending.length > 0 || followLast)) {
        if (++links > MAX_LINKS) throw fail("ELOOP");
        const target = node.content.toString("latin1");
        if (target.startsWith("/")) trail.length = 0;
        pending.push(...target.split("/").filter(isComponent).reverse());
      } else trail.push({ parent, name, node });
    }
    return trail.at(-1) ?? { parent: this.#root, name: ".", node: this.#root };
  }

  #pathOf(target: MemoryNode, directory: MemoryNode, prefix: string): string | undefined {
    for (const [name, node] of directory.entries) {
      const path = `${prefix}/${Buffer.from(name, "latin1").toString("utf8")}`;
      if (node === target) return path;
      const inside = this.#pathOf(target, node, path);
      if (inside !== undefined) return inside;
    }
    return undefined;
  }
}

function latin1Of(path: Path): string {
  const bytes = typeof path === "string" ? Buffer.from(path, "utf8") : path;
  if (bytes.byteLength === 0) throw systemError("ENOENT", "open", path);
  if (bytes.includes(0)) throw systemError("EINVAL", "open", path);
  return bytes.toString("latin1");
}

function isComponent(name: string): boolean {
  return name !== "" && name !== ".";
}

function checkReplaceable(source: MemoryNode, target: MemoryNode, path: Path): void {
  if (target.type === "directory") {
    if (source.type !== "directory") throw systemError("EISDIR", "rename", path);
    if (target.entries.size > 0) throw systemError("ENOTEMPTY", "rename", path);
  } else if (source.type === "directory") throw systemError("ENOTDIR", "rename", path);
}

function statusOf(node: MemoryNode): FileStatus {
  const subdirectories = [...node.entries.values()].filter((entry) => entry.type === "directory").length;
  return {
    type: node.type,
    permissions: node.permissions,
    uid: node.uid,
    gid: node.gid,
    sizeBytes: node.type === "directory" ? BLOCK_BYTES : node.content.byteLength,
    device: 1n,
    inode: node.inode,
    linkCount: node.linkCount + subdirectories,
    rdev: node.rdev,
    modifiedNs: node.modifiedNs,
  };
}
