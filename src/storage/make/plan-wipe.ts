import { type ByteRange, signatureRanges } from "../drives/signatures.ts";

/** A whole drive or what was a partition of it, as bytes of the drive. */
export interface WipedArea {
  readonly startBytes: number;
  readonly sizeBytes: number;
}

/**
 * The start of an area that is zeroed throughout: boot code, tables, and the headers of everything that is built on a
 * block device, down to the second header of LUKS2 at 4 MiB (which signatureRanges covers).
 */
const HEAD_BYTES = 4 * 2 ** 20;

/**
 * What to zero on a drive so that nothing of an old system can be recognised: on the drive itself and on each of its old
 * partitions both ends and all places where signatures live (signatureRanges: MD 0.90, ZFS labels, backup GPT, mirrors of
 * btrfs, …). A new partition that begins or ends where an old one did must not find the old one's RAID or LVM there.
 * Sorted, not overlapping, inside the drive; the first begins with the drive's boot code.
 */
export function planWipe(sizeBytes: number, oldPartitions: readonly WipedArea[]): readonly ByteRange[] {
  const areas = [{ startBytes: 0, sizeBytes }, ...oldPartitions];
  const ranges = areas
    .flatMap((area) => rangesOf(clip(area, sizeBytes)))
    .toSorted((a, b) => a.offsetBytes - b.offsetBytes);
  const merged: { offsetBytes: number; lengthBytes: number }[] = [];
  for (const { offsetBytes, lengthBytes } of ranges) {
    const last = merged.at(-1);
    if (last === undefined || offsetBytes > last.offsetBytes + last.lengthBytes)
      merged.push({ offsetBytes, lengthBytes });
    else last.lengthBytes = Math.max(last.lengthBytes, offsetBytes + lengthBytes - last.offsetBytes);
  }
  return merged;
}

/** The part of an area that lies on the drive: a table may claim more than there is. */
function clip({ startBytes, sizeBytes }: WipedArea, driveBytes: number): WipedArea {
  const start = Math.min(startBytes, driveBytes);
  return { startBytes: start, sizeBytes: Math.min(sizeBytes, driveBytes - start) };
}

function rangesOf({ startBytes, sizeBytes }: WipedArea): readonly ByteRange[] {
  const head = { offsetBytes: 0, lengthBytes: Math.min(HEAD_BYTES, sizeBytes) };
  return [head, ...signatureRanges(sizeBytes)]
    .filter(({ lengthBytes }) => lengthBytes > 0)
    .map(({ offsetBytes, lengthBytes }) => ({ offsetBytes: startBytes + offsetBytes, lengthBytes }));
}
