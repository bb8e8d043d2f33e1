import { formatBytes } from "../core/byte-size.ts";
import { formatMilliseconds } from "../core/duration.ts";
import type { Logger } from "../core/logger.ts";
import type { UnpackResult } from "../images/unpack.ts";

/** The two lines that operators of the original know from the end of an unpacking. */
export function logUnpacked(log: Logger, { objects, bytes, inodesMs, treeMs }: UnpackResult): void {
  const rate = formatBytes(Math.round(bytes / Math.max(inodesMs / 1000, 0.001)));
  log.debug(
    0,
    `Copied ${objects} objects (${formatBytes(bytes)}) in ${formatMilliseconds(inodesMs)} (${rate}/s)`,
  );
  log.debug(
    0,
    `Unpacked file-system: made inodes in ${formatMilliseconds(inodesMs)}, built tree in ${formatMilliseconds(treeMs)}`,
  );
}
