import { ext4Geometry } from "./ext4-geometry.ts";

/** mke2fs goes no lower. */
const SMALLEST_RATIO = 1024;

/** Inodes that a file-system keeps for itself, and a few for what the first start makes. */
export const SPARE_INODES = 64;

/**
 * About how many files an ext4 file-system can hold; `bytesPerInode` undefined: the default of mkfs. `sectorBytes`: the
 * device's logical sector size.
 */
export function ext4InodeCapacity(
  sizeBytes: number,
  bytesPerInode: number | undefined,
  sectorBytes: number,
): number {
  return Math.max(0, ext4Geometry(sizeBytes, bytesPerInode, sectorBytes).inodes - SPARE_INODES);
}

/**
 * The bytes-per-inode ratio for a file-system that must hold `inodeCount` files: undefined when the default of mkfs will
 * do, otherwise one with twice the room, as far as mkfs goes.
 */
export function planBytesPerInode(
  sizeBytes: number,
  inodeCount: number,
  sectorBytes: number,
): number | undefined {
  if (ext4InodeCapacity(sizeBytes, undefined, sectorBytes) >= inodeCount) return undefined;
  const ratio = 2 ** Math.floor(Math.log2(sizeBytes / (2 * (inodeCount + SPARE_INODES))));
  return Math.max(SMALLEST_RATIO, ratio);
}
