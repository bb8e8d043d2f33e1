import {
  type ByteString,
  byteStringFromBytes,
  byteStringOf,
  bytesOf,
  displayOf,
} from "../core/byte-string.ts";
import { errnoOf } from "../core/errors.ts";
import { forEachConcurrently } from "../objectcache/concurrency.ts";
import { type WalkedFile, walkDirectory } from "../objectcache/walk-directory.ts";
import type { FileStatus, FileSystem } from "../system/files.ts";
import type { Hashing } from "../system/hashing.ts";
import { EPOCH, fileTimeOf, nanosecondsOf } from "./inode-time.ts";
import { fileTypeOf, PERMISSION_MASK } from "./mode.ts";
import type { FileSystemTree, Inode, InodeNumber } from "./model.ts";
import { countLinks, joinPath, type TreeEntry, walkTree } from "./tree.ts";

/** What can be different between a tree and a directory. */
export type DifferenceAspect =
  | "missing"
  | "extra"
  | "type"
  | "mode"
  | "owner"
  | "time"
  | "device"
  | "target"
  | "links"
  | "size"
  | "content";

export interface TreeDifference {
  /** Within the tree, starting with `/`. */
  readonly path: ByteString;
  readonly aspect: DifferenceAspect;
  /** For people; empty for `missing` and `extra`. */
  readonly expected: string;
  readonly found: string;
}

export interface CompareRequest {
  readonly tree: FileSystemTree;
  readonly directory: string;
  readonly files: FileSystem;
  readonly hashing: Hashing;
  readonly signal: AbortSignal;
}

const CONCURRENT_FILES = 4;

/**
 * Every difference between a valid tree and what a directory really holds, in the order of the tree; last come the
 * extra paths, an extra directory without its content.
 * Times are compared for files and nodes (directories and links have none), contents by SHA-512. Other file-systems
 * mounted below the directory are compared too, but not searched for extra paths.
 */
export async function compareTreeWithDirectory(request: CompareRequest): Promise<TreeDifference[]> {
  const { tree, directory, files, signal } = request;
  const comparison = new Comparison(request);
  const paths = new Set<ByteString>();
  const entries = [...walkTree(tree)];
  for (const { path } of entries) paths.add(path);
  await forEachConcurrently(entries, CONCURRENT_FILES, async (entry) => {
    signal.throwIfAborted();
    await comparison.compareEntry(entry);
  });
  const order = new Map(entries.map(({ path }, index) => [path, index]));
  const differences = comparison.differences.toSorted(
    (left, right) => (order.get(left.path) ?? 0) - (order.get(right.path) ?? 0),
  );
  const prefixLength = directory === "/" ? 0 : byteStringOf(directory).length;
  const treePathOf = (path: ByteString): ByteString => path.slice(prefixLength) as ByteString;
  const isEntered = ({ path }: WalkedFile): boolean => paths.has(treePathOf(path));
  for await (const { path } of walkDirectory({ root: directory, files, signal, isEntered })) {
    const treePath = treePathOf(path);
    if (!paths.has(treePath)) differences.push({ path: treePath, aspect: "extra", expected: "", found: "" });
  }
  return differences;
}

class Comparison {
  readonly differences: TreeDifference[] = [];
  readonly #request: CompareRequest;
  readonly #links: ReadonlyMap<InodeNumber, number>;
  /** The first path at which an inode was found, and which inode it is on this machine. */
  readonly #found = new Map<InodeNumber, { readonly path: ByteString; readonly identity: string }>();

  constructor(request: CompareRequest) {
    this.#request = request;
    this.#links = countLinks(request.tree);
  }

  async compareEntry({ path, inode, number }: TreeEntry): Promise<void> {
    const place = bytesOf(joinPath(byteStringOf(this.#request.directory), path.slice(1) as ByteString));
    const status = await this.#statusOf(place);
    if (status === undefined) {
      this.#note(path, "missing", "", "");
      return;
    }
    const type = fileTypeOf(inode) ?? "file";
    if (status.type !== type) {
      this.#note(path, "type", type, status.type);
      return;
    }
    this.#compareStatus(path, inode, status);
    if (number !== undefined && inode.kind !== "directory" && !this.#isFirst(path, number, status)) return;
    await this.#compareContent(path, inode, place, status);
  }

  async #statusOf(place: Buffer): Promise<FileStatus | undefined> {
    try {
      return await this.#request.files.lstat(place);
    } catch (error) {
      if (errnoOf(error) === "ENOENT" || errnoOf(error) === "ENOTDIR") return undefined;
      throw error;
    }
  }

  #compareStatus(path: ByteString, inode: Inode, status: FileStatus): void {
    this.#compare(path, "owner", `${inode.uid}:${inode.gid}`, `${status.uid}:${status.gid}`);
    if (inode.kind === "symlink") return;
    this.#compare(path, "mode", formatOctal(inode.mode & PERMISSION_MASK), formatOctal(status.permissions));
    if (inode.kind === "directory") return;
    const time = nanosecondsOf(inode.kind === "computed" ? EPOCH : fileTimeOf(inode));
    this.#compare(path, "time", String(time), String(status.modifiedNs));
    const isDevice = inode.kind === "special" && status.type !== "fifo";
    if (isDevice) this.#compare(path, "device", String(inode.rdev), String(status.rdev));
  }

  /** Compares link counts, and for a second path of an inode that it really is the same file. */
  #isFirst(path: ByteString, number: InodeNumber, status: FileStatus): boolean {
    const identity = `${status.device}:${status.inode}`;
    const first = this.#found.get(number);
    if (first === undefined) {
      this.#found.set(number, { path, identity });
      this.#compare(path, "links", String(this.#links.get(number) ?? 0), String(status.linkCount));
      return true;
    }
    if (first.identity === identity) return false;
    this.#note(path, "links", `the same file as ${displayOf(first.path)}`, "another file");
    return true;
  }

  async #compareContent(path: ByteString, inode: Inode, place: Buffer, status: FileStatus): Promise<void> {
    if (inode.kind === "symlink") {
      const target = byteStringFromBytes(await this.#request.files.readLink(place));
      this.#compare(path, "target", displayOf(inode.target), displayOf(target));
      return;
    }
    if (inode.kind !== "regular" && inode.kind !== "computed") return;
    const sizeBytes = inode.kind === "regular" ? inode.sizeBytes : 0;
    this.#compare(path, "size", String(sizeBytes), String(status.sizeBytes));
    if (inode.kind === "computed" || sizeBytes === 0 || sizeBytes !== status.sizeBytes) return;
    const { id } = await this.#request.hashing.hashFile(place);
    this.#compare(path, "content", inode.objectId, id);
  }

  #compare(path: ByteString, aspect: DifferenceAspect, expected: string, found: string): void {
    if (expected !== found) this.#note(path, aspect, expected, found);
  }

  #note(path: ByteString, aspect: DifferenceAspect, expected: string, found: string): void {
    this.differences.push({ path, aspect, expected, found });
  }
}

function formatOctal(mode: number): string {
  return mode.toString(8).padStart(4, "0");
}
