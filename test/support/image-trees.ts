import { createHash } from "node:crypto";
import { type ByteString, byteStringOf } from "../../src/core/byte-string.ts";
import { type ObjectId, objectIdFromBytes } from "../../src/core/object-id.ts";
import type {
  DirectoryEntry,
  DirectoryInode,
  FileSystemTree,
  Inode,
  InodeNumber,
  RegularInode,
  SpecialInode,
  SymlinkInode,
} from "../../src/images/model.ts";
import { NO_OBJECT, withTrueCounters } from "../../src/images/tree.ts";

export function idOf(content: string | Uint8Array): ObjectId {
  return objectIdFromBytes(createHash("sha512").update(content).digest());
}

/** A regular file with this content; 1970, root, 0644 unless told. */
export function file(content: string | Uint8Array, properties: Partial<RegularInode> = {}): RegularInode {
  const sizeBytes = Buffer.byteLength(content);
  return {
    kind: "regular",
    mode: 0o100644,
    uid: 0,
    gid: 0,
    mtimeSeconds: 0n,
    mtimeNanoseconds: 0,
    sizeBytes,
    objectId: sizeBytes === 0 ? NO_OBJECT : idOf(content),
    ...properties,
  };
}

export function symlink(target: string, properties: Partial<SymlinkInode> = {}): SymlinkInode {
  return { kind: "symlink", uid: 0, gid: 0, target: byteStringOf(target), ...properties };
}

export function special(mode: number, rdev = 0n, properties: Partial<SpecialInode> = {}): SpecialInode {
  return {
    kind: "special",
    mode,
    uid: 0,
    gid: 0,
    mtimeSeconds: 0n,
    mtimeNanoseconds: 0,
    rdev,
    ...properties,
  };
}

export function directory(entries: readonly DirectoryEntry[] = [], mode = 0o040755): DirectoryInode {
  return { kind: "directory", mode, uid: 0, gid: 0, entries };
}

/** Directories are objects, everything else an inode; the same inode object twice is a hard link. */
export interface TreeOutline {
  readonly [name: string]: Inode | TreeOutline;
}

/** A tree from an outline; inode numbers are 1, 2, ... in depth-first order. */
export function treeOf(outline: TreeOutline): FileSystemTree {
  const inodes = new Map<InodeNumber, Inode>();
  const numbers = new Map<Inode, InodeNumber>();
  const add = (inode: Inode): InodeNumber => {
    const number = BigInt(inodes.size + 1);
    inodes.set(number, inode);
    numbers.set(inode, number);
    return number;
  };
  const entriesOf = (outlined: TreeOutline): DirectoryEntry[] =>
    Object.entries(outlined).map(([name, value]) => {
      const inode = isInode(value) ? value : directory(entriesOf(value));
      return { name: byteStringOf(name), inode: numbers.get(inode) ?? add(inode) };
    });
  return withTrueCounters({ root: directory(entriesOf(outline)), inodes });
}

function isInode(value: Inode | TreeOutline): value is Inode {
  return typeof value["kind"] === "string";
}

/** A tree from raw parts, for what an outline cannot say. */
export function rawTree(
  rootEntries: readonly (readonly [string, InodeNumber])[],
  inodes: readonly (readonly [InodeNumber, Inode])[],
): FileSystemTree {
  return withTrueCounters({ root: directory(entries(rootEntries)), inodes: new Map(inodes) });
}

/** Entries by latin1 names, one character a byte. */
export function entries(list: readonly (readonly [string, InodeNumber])[]): DirectoryEntry[] {
  return list.map(([name, inode]) => ({ name: name as ByteString, inode }));
}
