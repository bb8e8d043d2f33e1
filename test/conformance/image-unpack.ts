import { mkdir, mkdtemp, readdir, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import {
  type ByteString,
  byteStringFromBytes,
  byteStringOf,
  bytesOf,
  displayOf,
} from "../../src/core/byte-string.ts";
import type { FileSystemTree } from "../../src/images/model.ts";
import { unpackImage } from "../../src/images/unpack.ts";
import { DirectoryObjectStore } from "../../src/objectcache/directory-object-store.ts";
import { walkDirectory } from "../../src/objectcache/walk-directory.ts";
import type { Host } from "../../src/system/host.ts";
import { createNodeHost } from "../../src/system/node/node-host.ts";
import { bytesOfVector, type VectorText } from "./vector-text.ts";

/** One inode of an expected tree with all its paths; what is absent is not defined. */
export interface ExpectedInode {
  readonly paths: readonly VectorText[];
  readonly type: string;
  readonly mode?: string;
  readonly uid: number;
  readonly gid: number;
  readonly mtimeNs?: string;
  readonly nlink?: number;
  readonly size?: number;
  readonly target?: VectorText;
  readonly major?: number;
  readonly minor?: number;
  readonly sha512?: string;
}

/** A directory that holds an unpacked tree, and the machine to look at it. */
export interface UnpackedTree {
  readonly directory: string;
  readonly host: Host;
}

/** Unpacks into a directory of its own and calls `check` on it; nothing may appear beside the target. */
export async function unpackInScratch(
  tree: FileSystemTree,
  contents: readonly Buffer[],
  check: (unpacked: UnpackedTree) => Promise<string | undefined>,
): Promise<string | undefined> {
  const scratch = await mkdtemp(join(tmpdir(), "conformance-image-"));
  await using host = createNodeHost();
  try {
    const objects = new DirectoryObjectStore({ ...host, root: join(scratch, "objects") });
    for (const content of contents) await objects.add(piece(content));
    const room = join(scratch, "room");
    await mkdir(room);
    const directory = join(room, "root");
    const { files } = host;
    const signal = new AbortController().signal;
    const [unpacking] = await Promise.allSettled([
      unpackImage({ tree, target: directory, objects, files, signal }),
    ]);
    const outside = (await readdir(room)).filter((name) => name !== "root");
    if (outside.length > 0) return `made outside the target: ${outside.join(", ")}`;
    if (unpacking.status === "rejected") throw unpacking.reason;
    return await check({ directory, host });
  } finally {
    await rm(scratch, { recursive: true });
  }
}

async function* piece(content: Buffer): AsyncGenerator<Uint8Array> {
  yield content;
}

/** The first difference between what was unpacked and what was expected; undefined when there is none. */
export async function compareWithExpected(
  unpacked: UnpackedTree,
  expected: readonly ExpectedInode[],
): Promise<string | undefined> {
  const { directory, host } = unpacked;
  const expectedPaths = new Set<ByteString>();
  for (const inode of expected) {
    const found = new Set<bigint>();
    for (const vectorPath of inode.paths) {
      const path = byteStringFromBytes(bytesOfVector(vectorPath));
      expectedPaths.add(path);
      const place = bytesOf(`${byteStringOf(directory)}${path}` as ByteString);
      found.add((await host.files.lstat(place)).inode);
      const difference = await describeDifference(inode, place, host);
      if (difference !== undefined) return `${displayOf(path)}: ${difference}`;
    }
    if (found.size !== 1) return `${JSON.stringify(inode.paths[0])}: its paths are ${found.size} inodes`;
  }
  const signal = new AbortController().signal;
  for await (const { path } of walkDirectory({ root: directory, files: host.files, signal })) {
    const treePath = path.slice(byteStringOf(directory).length) as ByteString;
    if (!expectedPaths.has(treePath)) return `${displayOf(treePath)}: should not be there`;
  }
  return undefined;
}

async function describeDifference(
  expected: ExpectedInode,
  place: Buffer,
  host: Host,
): Promise<string | undefined> {
  const { files, hashing } = host;
  const status = await files.lstat(place);
  const found: Record<string, unknown> = {
    type: status.type,
    mode: status.permissions.toString(8).padStart(4, "0"),
    uid: status.uid,
    gid: status.gid,
    mtimeNs: String(status.modifiedNs),
    nlink: status.linkCount,
    size: status.sizeBytes,
    major: Number((status.rdev >> 8n) & 0xfffn),
    minor: Number((status.rdev & 0xffn) | ((status.rdev >> 12n) & 0xfff00n)),
  };
  const { paths: _paths, target, sha512, ...compared } = expected;
  for (const [key, value] of Object.entries(compared)) {
    if (found[key] !== value) return `${key} ${String(found[key])}, expected ${String(value)}`;
  }
  if (target !== undefined && !bytesOfVector(target).equals(await files.readLink(place)))
    return "link target";
  if (sha512 !== undefined && (await hashing.hashFile(place)).id !== sha512) return "content";
  return undefined;
}
