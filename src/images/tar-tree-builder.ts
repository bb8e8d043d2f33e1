import type { ByteString } from "../core/byte-string.ts";
import type { HashedContent } from "../system/hashing.ts";
import type { Filter } from "./filter.ts";
import { modeOf } from "./mode.ts";
import type { DirectoryEntry, DirectoryInode, FileSystemTree, Inode, InodeNumber } from "./model.ts";
import { memberError, normalizeMemberPath, type TarMember } from "./tar-member.ts";
import { NO_OBJECT, withTrueCounters } from "./tree.ts";
import { DEFAULT_TREE_LIMITS } from "./validate-tree.ts";

const ROOT_PATH = "/" as ByteString;
const DEFAULT_ROOT_PERMISSIONS = 0o755;

/** Directories grow while the archive is read. */
type GrowingDirectory = Omit<DirectoryInode, "entries"> & { readonly entries: DirectoryEntry[] };

/** Puts the members of a tar archive together to a tree, in the order in which they come. */
export class TarTreeBuilder {
  readonly #filter: Filter | undefined;
  readonly #inodes = new Map<InodeNumber, Inode>();
  /** What each path is, the root excepted. */
  readonly #numbers = new Map<ByteString, InodeNumber>();
  readonly #directories = new Map<ByteString, GrowingDirectory>();
  readonly #excludedDirectories = new Set<ByteString>();
  #nextNumber = 1n;

  constructor(filter: Filter | undefined) {
    this.#filter = filter;
    this.#directories.set(ROOT_PATH, {
      kind: "directory",
      mode: modeOf("directory", DEFAULT_ROOT_PERMISSIONS),
      uid: 0,
      gid: 0,
      entries: [],
    });
  }

  /** False when the member, or a directory above it, is excluded. */
  accepts({ path, type }: TarMember): boolean {
    const isExcluded =
      path !== ROOT_PATH &&
      (this.#excludedDirectories.has(parentOf(path)) || this.#filter?.isExcluded(path) === true);
    if (isExcluded && type === "directory") this.#excludedDirectories.add(path);
    return !isExcluded;
  }

  /** Adds a file with content. */
  addFile(member: TarMember, content: HashedContent): void {
    const { id, sizeBytes } = content;
    this.#addInode(member, {
      ...metadataOf(member),
      kind: "regular",
      ...timeOf(member),
      sizeBytes,
      objectId: id,
    });
  }

  /** Adds anything else; a file is taken to be empty. */
  add(member: TarMember): void {
    const metadata = metadataOf(member);
    switch (member.type) {
      case "file":
        this.addFile(member, { id: NO_OBJECT, sizeBytes: 0 });
        return;
      case "directory":
        this.#addDirectory(member);
        return;
      case "hard-link":
        this.#addHardLink(member);
        return;
      case "symlink":
        this.#addInode(member, {
          kind: "symlink",
          uid: member.uid,
          gid: member.gid,
          target: member.linkTarget,
        });
        return;
      case "fifo":
        this.#addInode(member, { ...metadata, kind: "special", ...timeOf(member), rdev: 0n });
        return;
      case "character":
      case "block":
        this.#addInode(member, {
          ...metadata,
          kind: "special",
          ...timeOf(member),
          rdev: deviceNumberOf(member),
        });
    }
  }

  finish(): FileSystemTree {
    for (const { entries } of this.#directories.values()) {
      entries.sort((left, right) => (left.name < right.name ? -1 : 1));
    }
    return withTrueCounters({ inodes: this.#inodes, root: this.#directoryAt(ROOT_PATH) });
  }

  #addDirectory(member: TarMember): void {
    const known = this.#directories.get(member.path);
    // An archive that was appended to names its directories again; the last one's metadata counts.
    const directory: GrowingDirectory = {
      ...metadataOf(member),
      kind: "directory",
      entries: known?.entries ?? [],
    };
    this.#directories.set(member.path, directory);
    if (member.path === ROOT_PATH) return;
    const number = this.#numbers.get(member.path);
    if (known !== undefined && number !== undefined) this.#inodes.set(number, directory);
    else this.#addInode(member, directory);
  }

  #addHardLink(member: TarMember): void {
    const target = normalizeMemberPath(member.linkTarget);
    const number = this.#numbers.get(target);
    if (number === undefined || this.#directories.has(target)) {
      throw memberError(member.path, "a hard link to something that is no earlier file of the archive");
    }
    this.#addEntry(member, number);
  }

  #addInode(member: TarMember, inode: Inode): void {
    if (this.#inodes.size >= DEFAULT_TREE_LIMITS.inodes) throw memberError(member.path, "too many members");
    const number = this.#nextNumber;
    this.#addEntry(member, number);
    this.#inodes.set(number, inode);
    this.#nextNumber += 1n;
  }

  #addEntry({ path }: TarMember, number: InodeNumber): void {
    if (path === ROOT_PATH) throw memberError(path, "the root is not a directory");
    if (this.#numbers.has(path)) throw memberError(path, "the archive contains it twice");
    const name = path.slice(path.lastIndexOf("/") + 1) as ByteString;
    this.#directoryAt(parentOf(path)).entries.push({ name, inode: number });
    this.#numbers.set(path, number);
  }

  #directoryAt(path: ByteString): GrowingDirectory {
    const directory = this.#directories.get(path);
    if (directory === undefined)
      throw memberError(path, "the archive has no such directory before its content");
    return directory;
  }
}

function parentOf(path: ByteString): ByteString {
  return path.slice(0, Math.max(1, path.lastIndexOf("/"))) as ByteString;
}

function metadataOf(member: TarMember): {
  readonly mode: number;
  readonly uid: number;
  readonly gid: number;
} {
  const type = member.type === "symlink" || member.type === "hard-link" ? "file" : member.type;
  return { mode: modeOf(type, member.permissions), uid: member.uid, gid: member.gid };
}

function timeOf({ time }: TarMember): { readonly mtimeSeconds: bigint; readonly mtimeNanoseconds: number } {
  return { mtimeSeconds: time.seconds, mtimeNanoseconds: time.nanoseconds };
}

/** st_rdev in its 32-bit form (makedev(3)). */
function deviceNumberOf({ path, deviceMajor, deviceMinor }: TarMember): bigint {
  if (deviceMajor > 0xfff || deviceMinor > 0xf_ffff) throw memberError(path, "impossible device number");
  const low = (deviceMinor & 0xff) | (deviceMajor << 8);
  return BigInt(low) | (BigInt(deviceMinor & ~0xff) << 12n);
}
