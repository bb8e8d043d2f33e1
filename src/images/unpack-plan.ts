import type { ByteString } from "../core/byte-string.ts";
import type { ObjectId } from "../core/object-id.ts";
import type { DirectoryInode, FileSystemTree, Inode, InodeNumber } from "./model.ts";
import { joinPath, walkTree } from "./tree.ts";

/** Every kind of inode that is not a directory. */
export type FileInode = Exclude<Inode, DirectoryInode>;

export interface PlannedDirectory {
  readonly path: ByteString;
  readonly inode: DirectoryInode;
}

export interface PlannedPath {
  /** Absolute, the target in front. */
  readonly path: ByteString;
  /** The directory that holds it. */
  readonly parent: ByteString;
  readonly number: InodeNumber;
  readonly inode: FileInode;
}

export interface FileEntry extends PlannedPath {
  /** Its content is a hard link to the object instead of a copy. */
  readonly isLinked: boolean;
}

/** What unpacking a tree comes to. */
export interface UnpackPlan {
  /** Without the root, parents first. */
  readonly directories: readonly PlannedDirectory[];
  /** Each inode once, at its first path. */
  readonly files: readonly FileEntry[];
  /** The other paths of these inodes. */
  readonly hardLinks: readonly PlannedPath[];
  /** Content that takes new space. */
  readonly writtenBytes: number;
}

/** Large files are linked wherever they are: nobody edits them in place, and two of each would not fit into memory. */
const LARGE_BYTES = 64 * 1024;

/**
 * Where small files are linked too. The hierarchy standard allows these directories to be mounted read-only, so no
 * program writes to what is in them. Elsewhere are the configuration files that programs may edit in place, which
 * would change the cached object.
 */
const UNCHANGING = /^\/(?:bin|boot|lib(?:32|64|x32)?|sbin|usr)\//;

/** `tree` must be valid. */
export function planUnpack(tree: FileSystemTree, target: ByteString, content: "copy" | "link"): UnpackPlan {
  const directories: PlannedDirectory[] = [];
  const files: FileEntry[] = [];
  const hardLinks: PlannedPath[] = [];
  const planned = new Set<InodeNumber>();
  const linkedObjects = new Set<ObjectId>();
  let writtenBytes = 0;

  for (const { path: treePath, inode, number } of walkTree(tree)) {
    if (number === undefined) continue;
    const path = joinPath(target, treePath.slice(1) as ByteString);
    if (inode.kind === "directory") {
      directories.push({ path, inode });
      continue;
    }
    const place: PlannedPath = { path, parent: parentOf(path), number, inode };
    if (planned.has(number)) {
      hardLinks.push(place);
      continue;
    }
    planned.add(number);
    const isLinked = content === "link" && takesLink(inode, treePath, linkedObjects);
    if (inode.kind === "regular" && !isLinked) writtenBytes += inode.sizeBytes;
    files.push({ ...place, isLinked });
  }
  return { directories, files, hardLinks, writtenBytes };
}

/** One inode an object: a second would share the owner, mode and time of the first. */
function takesLink(inode: FileInode, treePath: ByteString, linkedObjects: Set<ObjectId>): boolean {
  if (inode.kind !== "regular" || inode.sizeBytes === 0) return false;
  if (inode.sizeBytes < LARGE_BYTES && !UNCHANGING.test(treePath)) return false;
  if (linkedObjects.has(inode.objectId)) return false;
  linkedObjects.add(inode.objectId);
  return true;
}

function parentOf(path: ByteString): ByteString {
  return path.slice(0, path.lastIndexOf("/")) as ByteString;
}
