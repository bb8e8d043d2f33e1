import type { FileSystemType } from "./layout.ts";

const MIB = 2 ** 20;

/** What the planner has to know about a kind of file-system. */
export interface FileSystemTraits {
  /** The longest label that mkfs keeps whole and the installed system can look for. */
  readonly labelBytes: number;
  /** mkfs refuses less. */
  readonly smallestBytes: number;
  readonly canBeRoot: boolean;
  /** Takes BytesPerInode, ReservedBlocksPercentage and an owner of its top directory. */
  readonly isTunable: boolean;
  /** fsck has something to do while booting; the others repair themselves when they are mounted. */
  readonly isChecked: boolean;
}

/**
 * Limits: e2label(8), mkfs.fat(8), mkfs.xfs(8) with its minimum since xfsprogs 5.19, mkfs.btrfs(8) with the minimum that it
 * prints for one device, mkswap(8), which cuts labels to 15 bytes and wants 10 pages. btrfs would take labels of 255 bytes, but
 * in /dev/disk/by-label each byte may become four (`/` is `\x2f`), and a file name has no more than 255.
 */
export const FILE_SYSTEM_TRAITS: Readonly<Record<FileSystemType, FileSystemTraits>> = {
  ext4: { labelBytes: 16, smallestBytes: MIB, canBeRoot: true, isTunable: true, isChecked: true },
  vfat: { labelBytes: 11, smallestBytes: MIB, canBeRoot: false, isTunable: false, isChecked: true },
  xfs: { labelBytes: 12, smallestBytes: 300 * MIB, canBeRoot: true, isTunable: false, isChecked: false },
  btrfs: { labelBytes: 63, smallestBytes: 109 * MIB, canBeRoot: true, isTunable: false, isChecked: false },
  swap: { labelBytes: 15, smallestBytes: MIB, canBeRoot: false, isTunable: false, isChecked: false },
};

/** A LUKS2 header with its key area (cryptsetup-luksFormat(8)). */
export const LUKS_HEADER_BYTES = 16 * MIB;

/** Less than this behind a LUKS header is of no use, whatever the file-system. */
const SMALLEST_BEHIND_LUKS_BYTES = 16 * MIB;

/** The smallest device that can hold a file-system of this type. */
export function smallestVolumeBytes(type: FileSystemType, encrypted: boolean): number {
  const { smallestBytes } = FILE_SYSTEM_TRAITS[type];
  return encrypted ? LUKS_HEADER_BYTES + Math.max(SMALLEST_BEHIND_LUKS_BYTES, smallestBytes) : smallestBytes;
}
