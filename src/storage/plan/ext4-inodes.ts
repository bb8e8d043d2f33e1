const MIB = 2 ** 20;
const TIB = 2 ** 40;

/** The bytes per inode that mke2fs.conf gives a file-system of each size; larger ones get the last. */
const DEFAULT_RATIOS: readonly (readonly [belowBytes: number, bytesPerInode: number])[] = [
  [3 * MIB, 8192],
  [512 * MIB, 4096],
  [4 * TIB, 16384],
  [16 * TIB, 32768],
];
const LARGEST_DEFAULT_RATIO = 65536;

/** mke2fs goes no lower. */
const SMALLEST_RATIO = 1024;

/** Inodes that ext4 keeps for itself, and rounding to block groups. */
const OVERHEAD_INODES = 64;

/** About how many files an ext4 file-system can hold; `bytesPerInode` undefined: the default of mkfs. */
export function ext4InodeCapacity(sizeBytes: number, bytesPerInode: number | undefined): number {
  const ratio = bytesPerInode ?? defaultRatio(sizeBytes);
  return Math.max(0, Math.floor(sizeBytes / ratio) - OVERHEAD_INODES);
}

/**
 * The bytes-per-inode ratio for a file-system that must hold `inodeCount` files: undefined when the default of mkfs will
 * do, otherwise one with twice the room, as far as mkfs goes.
 */
export function planBytesPerInode(sizeBytes: number, inodeCount: number): number | undefined {
  if (ext4InodeCapacity(sizeBytes, undefined) >= inodeCount) return undefined;
  const ratio = 2 ** Math.floor(Math.log2(sizeBytes / (2 * (inodeCount + OVERHEAD_INODES))));
  return Math.max(SMALLEST_RATIO, ratio);
}

function defaultRatio(sizeBytes: number): number {
  return DEFAULT_RATIOS.find(([belowBytes]) => sizeBytes < belowBytes)?.[1] ?? LARGEST_DEFAULT_RATIO;
}
