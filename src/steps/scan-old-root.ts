import { formatBytes } from "../core/byte-size.ts";
import { formatMilliseconds } from "../core/duration.ts";
import { messageChain } from "../core/errors.ts";
import type { Logger } from "../core/logger.ts";
import type { ObjectId } from "../core/object-id.ts";
import { sparingLogger } from "../core/sparing-logger.ts";
import { scanForObjects } from "../objectcache/scan-for-objects.ts";
import type { FileSystem } from "../system/files.ts";
import type { ObjectCache } from "./reuse-objects.step.ts";

/** A dying disk has something to say about each of its files. */
const MAX_WARNINGS = 10;

const SHORTEST_LIMIT_MS = 60_000;
const USEFUL_BYTES_PER_SECOND = 2 * 2 ** 20;

export interface OldRootScan {
  /** Directory that was `/`. */
  readonly root: string;
  readonly cache: ObjectCache;
  readonly missing: ReadonlySet<ObjectId>;
  readonly files: FileSystem;
  readonly log: Logger;
  readonly signal: AbortSignal;
  /** Aborted when the disk is too slow to be of use. */
  readonly deadline: AbortSignal;
  readonly onRead: (bytes: number) => void;
}

/**
 * Copies what is missing and lies in the old system into the cache, verified. What cannot be read is a warning, a disk that
 * takes longer than the deadline as well: what was found until then counts. Rejects only when aborted.
 */
export async function scanOldRoot(scan: OldRootScan): Promise<void> {
  const { root, cache, missing, files, log, signal, deadline } = scan;
  const startMs = performance.now();
  let readBytes = 0;
  log.debug(0, "scanning old root");
  try {
    await scanForObjects({
      root,
      wanted: cache.wanted,
      store: cache.store,
      files,
      log: sparingLogger(log, MAX_WARNINGS),
      signal: AbortSignal.any([signal, deadline]),
      onRead: (bytes) => {
        readBytes += bytes;
        scan.onRead(bytes);
      },
    });
  } catch (error) {
    signal.throwIfAborted();
    const reason = deadline.aborted ? "the disk is too slow" : messageChain(error);
    log.warn(`stopped scanning the old root, the network has the rest: ${reason}`);
  }
  const elapsedMs = performance.now() - startMs;
  const elapsed = formatMilliseconds(elapsedMs);
  const rate = formatBytes(Math.round(readBytes / Math.max(elapsedMs / 1000, 0.001)));
  log.debug(0, `scanned old root ${formatBytes(readBytes)} in ${elapsed} (${rate}/s)`);
  const stillMissing = await cache.store.missing(missing);
  const bytesOf = (ids: ReadonlySet<ObjectId>): number =>
    [...ids].reduce((sum, id) => sum + (cache.wanted.get(id) ?? 0), 0);
  const foundBytes = bytesOf(missing) - bytesOf(stillMissing);
  log.info(
    `found ${missing.size - stillMissing.size}/${missing.size} objects (${formatBytes(foundBytes)}/${formatBytes(bytesOf(missing))}) in old file-system in ${elapsed}`,
  );
}

/** How long an old disk is looked at for `missingBytes`: not longer than a slow network would take to bring them. */
export function oldRootTimeLimitMs(missingBytes: number): number {
  return SHORTEST_LIMIT_MS + Math.ceil((missingBytes / USEFUL_BYTES_PER_SECOND) * 1000);
}
