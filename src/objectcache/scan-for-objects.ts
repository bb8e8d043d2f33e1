import { type ByteString, byteStringOf, bytesOf, displayOf } from "../core/byte-string.ts";
import { errnoOf, messageChain } from "../core/errors.ts";
import type { Logger } from "../core/logger.ts";
import type { ObjectId } from "../core/object-id.ts";
import type { FileSystem } from "../system/files.ts";
import { forEachConcurrently } from "./concurrency.ts";
import type { ObjectImporter, ObjectStore } from "./object-store.ts";
import { type WalkedFile, walkDirectory } from "./walk-directory.ts";

/** Files read at a time: enough to keep the disk and two hashing workers busy. */
const CONCURRENT_FILES = 4;

export interface ObjectScanRequest {
  readonly root: string;
  readonly wanted: ReadonlyMap<ObjectId, number>;
  readonly store: ObjectStore & ObjectImporter;
  readonly files: FileSystem;
  readonly log: Logger;
  readonly signal: AbortSignal;
  /** Absolute paths of directories not to look into, such as that of the store itself. */
  readonly excluded?: readonly string[];
  /** Told of each file that was read, wanted or not. */
  readonly onRead?: (bytes: number) => void;
}

export interface ObjectScanResult {
  /** What was found and stored. */
  readonly objects: number;
  readonly bytes: number;
  /** What was read for that. */
  readonly scannedFiles: number;
  readonly scannedBytes: number;
  readonly durationMs: number;
}

/**
 * Looks for missing objects among the files below `root`, on its file-system only, and stores those it finds.
 * Only files that have the size of a missing object are read, each inode once. What cannot be read is reported
 * and passed over: the network still has it.
 */
export async function scanForObjects(request: ObjectScanRequest): Promise<ObjectScanResult> {
  const startMs = performance.now();
  const search = planSearch(request.wanted, await request.store.missing(request.wanted.keys()));
  let objects = 0;
  let bytes = 0;
  let scannedFiles = 0;
  let scannedBytes = 0;
  const onProblem = (path: ByteString, error: unknown): void => {
    // A file of the running system that has just vanished is nothing to look at.
    if (errnoOf(error) === "ENOENT") return;
    request.log.warn("passed over while looking for objects", {
      path: displayOf(path),
      reason: messageChain(error),
    });
  };

  const look = async ({ path }: WalkedFile): Promise<void> => {
    request.signal.throwIfAborted();
    try {
      let found = false;
      const content = await request.store.addFile(bytesOf(path), (id) => {
        found = search.take(id);
        return found;
      });
      scannedFiles += 1;
      scannedBytes += content.sizeBytes;
      request.onRead?.(content.sizeBytes);
      if (!found) return;
      objects += 1;
      bytes += content.sizeBytes;
    } catch (error) {
      onProblem(path, error);
    }
  };
  await forEachConcurrently(findCandidates(request, search, onProblem), CONCURRENT_FILES, look);
  return { objects, bytes, scannedFiles, scannedBytes, durationMs: performance.now() - startMs };
}

async function* findCandidates(
  { root, files, signal, excluded = [] }: ObjectScanRequest,
  search: Search,
  onProblem: (path: ByteString, error: unknown) => void,
): AsyncGenerator<WalkedFile> {
  const excludedPaths = new Set(excluded.map(byteStringOf));
  const seenInodes = new Set<bigint>();
  const isEntered = ({ path }: WalkedFile): boolean => !excludedPaths.has(path);
  for await (const file of walkDirectory({ root, files, signal, isEntered, onProblem })) {
    if (search.isOver()) return;
    const { type, sizeBytes, linkCount, inode } = file.status;
    if (type !== "file" || !search.wantsSize(sizeBytes)) continue;
    if (linkCount > 1 && seenInodes.has(inode)) continue;
    if (linkCount > 1) seenInodes.add(inode);
    yield file;
  }
}

/** What is still being looked for. */
interface Search {
  wantsSize(sizeBytes: number): boolean;
  /** True when `id` is wanted; from then on it no longer is. */
  take(id: ObjectId): boolean;
  isOver(): boolean;
}

function planSearch(wanted: ReadonlyMap<ObjectId, number>, missing: ReadonlySet<ObjectId>): Search {
  const idsBySize = new Map<number, Set<ObjectId>>();
  for (const id of missing) {
    const sizeBytes = wanted.get(id) ?? 0;
    const ids = idsBySize.get(sizeBytes) ?? new Set();
    idsBySize.set(sizeBytes, ids.add(id));
  }
  return {
    wantsSize: (sizeBytes) => idsBySize.has(sizeBytes),
    isOver: () => idsBySize.size === 0,
    take: (id) => {
      const sizeBytes = wanted.get(id) ?? 0;
      const ids = idsBySize.get(sizeBytes);
      const taken = ids?.delete(id) ?? false;
      if (ids?.size === 0) idsBySize.delete(sizeBytes);
      return taken;
    },
  };
}
