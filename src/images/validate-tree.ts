import { type ByteString, displayOf } from "../core/byte-string.ts";
import { InstallerError } from "../core/errors.ts";
import { isPossibleMode } from "./mode.ts";
import type { DirectoryInode, FileSystemTree, Inode, InodeNumber } from "./model.ts";
import { countTree, danglingEntry, joinPath } from "./tree.ts";

/** How much of a tree is believable. */
export interface TreeLimits {
  readonly inodes: number;
  /** Directory entries in all, hard links included. */
  readonly entries: number;
  /** Directories above the deepest entry. */
  readonly depth: number;
  /** Length of the longest path; the kernel refuses 4096, and the target's own path comes in front. */
  readonly pathBytes: number;
}

/** Far beyond any real operating system, small enough to be walked in a moment. */
export const DEFAULT_TREE_LIMITS: TreeLimits = {
  inodes: 10_000_000,
  entries: 20_000_000,
  depth: 1000,
  pathBytes: 3800,
};

const MAX_NAME_BYTES = 255;
const MAX_LINK_TARGET_BYTES = 4095;
const MAX_ID = 0xffff_ffff;

/** The entry of a root in memory that holds the object cache its large files are linked from. */
export const OBJECT_CACHE_NAME = ".objects";

/**
 * Entries of the root directory that unpacking needs for itself: the staging directory of other programs of the fleet
 * (spec/image.md 4), and our cache, which an image must not be able to replace.
 */
const RESERVED_ROOT_NAMES: readonly string[] = [".inodes", OBJECT_CACHE_NAME];

/**
 * Proves that a tree from outside can be walked and unpacked without surprises: every entry resolves, a directory is
 * reached once (hence no cycles), names are single components and unique in their directory, modes, owners, targets
 * and device numbers are possible for their kind, and everything is within `limits`. Throws E_IMAGE_INVALID with the
 * path and the reason. Inodes that no entry names are checked for their values too, and otherwise left alone.
 */
export function validateTree(tree: FileSystemTree, limits: TreeLimits = DEFAULT_TREE_LIMITS): void {
  if (tree.inodes.size > limits.inodes) throw invalid("/" as ByteString, `more than ${limits.inodes} inodes`);
  const reserved = tree.root.entries.find(({ name }) => RESERVED_ROOT_NAMES.includes(name));
  if (reserved !== undefined) {
    throw new InstallerError("E_IMAGE_INVALID", `cannot unpack a file-system with /${reserved.name}`);
  }
  validateReachable(tree, limits);
  for (const [number, inode] of tree.inodes) {
    const problem = problemOf(inode);
    if (problem !== undefined) throw new InstallerError("E_IMAGE_INVALID", `inode ${number}: ${problem}`);
  }
  if (!Number.isSafeInteger(countTree(tree).dataBytes)) {
    throw invalid("/" as ByteString, "the sizes of the files add up to more than 2^53 bytes");
  }
}

interface PendingDirectory {
  readonly path: ByteString;
  readonly directory: DirectoryInode;
  readonly depth: number;
}

function validateReachable(tree: FileSystemTree, limits: TreeLimits): void {
  const rootPath = "/" as ByteString;
  const problem = problemOf(tree.root);
  if (problem !== undefined) throw invalid(rootPath, problem);
  const pending: PendingDirectory[] = [{ path: rootPath, directory: tree.root, depth: 0 }];
  const visited = new Set<InodeNumber>();
  let entries = 0;
  for (let next = pending.pop(); next !== undefined; next = pending.pop()) {
    entries += next.directory.entries.length;
    if (entries > limits.entries) throw invalid(next.path, `more than ${limits.entries} directory entries`);
    if (next.depth > limits.depth) throw invalid(next.path, `more than ${limits.depth} directories deep`);
    pending.push(...validateDirectory(tree, next, limits, visited));
  }
}

/** Checks the entries of one directory and returns the directories among them. */
function validateDirectory(
  tree: FileSystemTree,
  { path, directory, depth }: PendingDirectory,
  limits: TreeLimits,
  visited: Set<InodeNumber>,
): PendingDirectory[] {
  const names = new Set<ByteString>();
  const directories: PendingDirectory[] = [];
  for (const { name, inode: number } of directory.entries) {
    const problem = problemOfName(name);
    if (problem !== undefined) throw invalid(path, `${problem}: ${JSON.stringify(displayOf(name))}`);
    const childPath = joinPath(path, name);
    if (names.has(name)) throw invalid(childPath, "the name occurs twice in its directory");
    names.add(name);
    if (childPath.length > limits.pathBytes) {
      throw invalid(childPath, `the path is longer than ${limits.pathBytes} bytes`);
    }
    const inode = tree.inodes.get(number);
    if (inode === undefined) throw danglingEntry(childPath, number);
    const inodeProblem = problemOf(inode);
    if (inodeProblem !== undefined) throw invalid(childPath, inodeProblem);
    if (inode.kind !== "directory") continue;
    if (visited.has(number)) throw invalid(childPath, `directory ${number} has more than one entry`);
    visited.add(number);
    directories.push({ path: childPath, directory: inode, depth: depth + 1 });
  }
  return directories;
}

function problemOfName(name: ByteString): string | undefined {
  if (name === "") return "empty name";
  if (name === "." || name === "..") return "reserved name";
  if (name.includes("/")) return "name with a slash";
  if (name.includes("\0")) return "name with a zero byte";
  if (name.length > MAX_NAME_BYTES) return `name longer than ${MAX_NAME_BYTES} bytes`;
  return undefined;
}

/** Why an inode cannot exist; undefined when it can. */
function problemOf(inode: Inode): string | undefined {
  if (!isId(inode.uid) || !isId(inode.gid)) return `impossible owner ${inode.uid}:${inode.gid}`;
  if (inode.kind === "symlink") return problemOfTarget(inode.target);
  if (!isPossibleMode(inode.kind, inode.mode))
    return `impossible mode 0${inode.mode.toString(8)} (${inode.kind})`;
  if (inode.kind === "regular" && !(Number.isSafeInteger(inode.sizeBytes) && inode.sizeBytes >= 0)) {
    return `impossible size ${inode.sizeBytes}`;
  }
  if (inode.kind === "special" && (inode.rdev < 0n || inode.rdev > BigInt(MAX_ID))) {
    return `impossible device number ${inode.rdev}`;
  }
  return undefined;
}

function problemOfTarget(target: ByteString): string | undefined {
  if (target === "") return "symbolic link without a target";
  if (target.includes("\0")) return "symbolic link whose target has a zero byte";
  if (target.length > MAX_LINK_TARGET_BYTES) return "symbolic link whose target is too long";
  return undefined;
}

function isId(value: number): boolean {
  // (uid_t)-1 means "leave as it is" to chown(2).
  return Number.isInteger(value) && value >= 0 && value < MAX_ID;
}

function invalid(path: ByteString, reason: string): InstallerError {
  return new InstallerError("E_IMAGE_INVALID", `${displayOf(path)}: ${reason}`);
}
