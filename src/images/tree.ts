import type { ByteString } from "../core/byte-string.ts";
import { InstallerError } from "../core/errors.ts";
import type { ObjectId } from "../core/object-id.ts";
import type { DirectoryInode, FileSystemTree, Inode, InodeNumber, RegularInode } from "./model.ts";

/** The id that stands for "no object" in the inode of an empty file. */
export const NO_OBJECT = "0".repeat(128) as ObjectId;

/** One path of a tree. The root directory has the path `/` and no inode number. */
export interface TreeEntry {
  readonly path: ByteString;
  readonly inode: Inode;
  readonly number: InodeNumber | undefined;
}

/**
 * Every path depth-first from the root, parents first, entries in the order of their directory. Yields a hard-linked
 * inode once a path. The tree must have passed `validateTree`.
 */
export function* walkTree(tree: FileSystemTree): Generator<TreeEntry> {
  const pending: TreeEntry[] = [{ path: "/" as ByteString, inode: tree.root, number: undefined }];
  for (let entry = pending.pop(); entry !== undefined; entry = pending.pop()) {
    yield entry;
    if (entry.inode.kind !== "directory") continue;
    const children = childrenOf(tree, entry.inode, entry.path);
    for (let index = children.length - 1; index >= 0; index--) pending.push(children[index] as TreeEntry);
  }
}

function childrenOf(tree: FileSystemTree, directory: DirectoryInode, path: ByteString): TreeEntry[] {
  return directory.entries.map(({ name, inode: number }) => {
    const childPath = joinPath(path, name);
    const inode = tree.inodes.get(number);
    if (inode === undefined) throw danglingEntry(childPath, number);
    return { path: childPath, inode, number };
  });
}

/** The path of `name` in the directory `parent`. */
export function joinPath(parent: ByteString, name: ByteString): ByteString {
  return (parent === "/" ? `/${name}` : `${parent}/${name}`) as ByteString;
}

/** How many entries name each inode. */
export function countLinks(tree: FileSystemTree): Map<InodeNumber, number> {
  const links = new Map<InodeNumber, number>();
  for (const { number } of walkTree(tree)) {
    if (number !== undefined) links.set(number, (links.get(number) ?? 0) + 1);
  }
  return links;
}

/** The regular inodes of the table, whether or not an entry names them. */
export function* regularInodes(tree: FileSystemTree): Generator<RegularInode> {
  for (const inode of tree.inodes.values()) if (inode.kind === "regular") yield inode;
}

/**
 * The objects that the tree needs, with their sizes (spec/image.md 3.1). Rejects with E_IMAGE_INVALID when two
 * inodes disagree about the size of one object.
 */
export function requiredObjects(tree: FileSystemTree): Map<ObjectId, number> {
  const objects = new Map<ObjectId, number>();
  for (const { objectId, sizeBytes } of regularInodes(tree)) {
    if (sizeBytes === 0) continue;
    const known = objects.get(objectId);
    if (known !== undefined && known !== sizeBytes) {
      throw new InstallerError(
        "E_IMAGE_INVALID",
        `object ${objectId} is said to have ${known} bytes and ${sizeBytes} bytes`,
      );
    }
    objects.set(objectId, sizeBytes);
  }
  return objects;
}

/** What a tree really holds, as opposed to what its maker stated (spec/image.md 2). */
export interface TreeCounters {
  readonly regularInodes: number;
  /** Hard links count once, identical files at two inodes twice. */
  readonly dataBytes: number;
  /** The root included. */
  readonly directories: number;
}

export function countTree(tree: FileSystemTree): TreeCounters {
  let files = 0;
  let dataBytes = 0;
  let directories = 1;
  for (const inode of tree.inodes.values()) {
    if (inode.kind === "directory") directories += 1;
    if (inode.kind !== "regular") continue;
    files += 1;
    dataBytes += inode.sizeBytes;
  }
  return { regularInodes: files, dataBytes, directories };
}

/** `tree` with counters that tell the truth. */
export function withTrueCounters(tree: Pick<FileSystemTree, "inodes" | "root">): FileSystemTree {
  const unstated = { statedRegularInodes: 0n, statedDataBytes: 0n, statedDirectories: 0n };
  const counters = countTree({ ...tree, ...unstated });
  return {
    inodes: tree.inodes,
    root: tree.root,
    statedRegularInodes: BigInt(counters.regularInodes),
    statedDataBytes: BigInt(counters.dataBytes),
    statedDirectories: BigInt(counters.directories),
  };
}

const DEFAULT_BLOCK_SIZE_BYTES = 4096;
const SYMLINK_USAGE_BYTES = 64;

/** Bytes that the tree will take on a file-system with such blocks, as the original estimates (spec/image.md 3.2). */
export function estimateUsage(tree: FileSystemTree, blockSizeBytes = DEFAULT_BLOCK_SIZE_BYTES): number {
  let usageBytes = 0;
  for (const inode of tree.inodes.values()) usageBytes += estimateInodeUsage(inode, blockSizeBytes);
  return usageBytes;
}

/** The part of one inode in `estimateUsage`. */
export function estimateInodeUsage(inode: Inode, blockSizeBytes = DEFAULT_BLOCK_SIZE_BYTES): number {
  const blockBytes = blockSizeBytes === 0 ? DEFAULT_BLOCK_SIZE_BYTES : blockSizeBytes;
  const unitBytes = 2 ** Math.floor(Math.log2(blockBytes));
  if (inode.kind === "directory") return blockBytes;
  if (inode.kind === "regular") return Math.ceil(inode.sizeBytes / unitBytes) * unitBytes;
  return inode.kind === "symlink" ? SYMLINK_USAGE_BYTES : 0;
}

/** The entry at `path` lacks its inode; text as the original's. */
export function danglingEntry(path: ByteString, number: InodeNumber): InstallerError {
  return new InstallerError(
    "E_IMAGE_INVALID",
    `${Buffer.from(path.slice(1), "latin1").toString("utf8")}: no entry in inode table for: ${number}`,
  );
}
