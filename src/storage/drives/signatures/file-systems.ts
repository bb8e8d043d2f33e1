import { cleanText, type DeviceBytes, formatLabel, hasText, type Signature } from "./signature.ts";

const EXT_SUPERBLOCK = 1024;
const EXT_MAGIC = 0xef53;
/** Feature bits of ext3; any other makes it ext4 (linux/fs/ext4/ext4.h). */
const COMPAT_JOURNAL = 0x4;
const INCOMPAT_EXT3 = 0x2 | 0x4 | 0x10;
const INCOMPAT_JOURNAL_DEVICE = 0x8;
const RO_COMPAT_EXT3 = 0x1 | 0x2 | 0x4;
const LARGEST_LOG_BLOCK_SIZE = 6;

/** ext2, ext3, ext4, or a journal of one on a device of its own. */
export function findExt(device: DeviceBytes): readonly Signature[] {
  const superblock = device.read(EXT_SUPERBLOCK, 256);
  if (superblock?.readUInt16LE(56) !== EXT_MAGIC) return [];
  // Two bytes of magic are few: the superblock has to make sense as well.
  const makesSense =
    superblock.readUInt32LE(0x18) <= LARGEST_LOG_BLOCK_SIZE &&
    superblock.readUInt32LE(0x4) !== 0 &&
    superblock.readUInt32LE(0x4c) <= 1;
  if (!makesSense) return [];
  const label = formatLabel(cleanText(superblock.subarray(0x78, 0x88)));
  const offsetBytes = EXT_SUPERBLOCK + 56;
  const incompat = superblock.readUInt32LE(0x60);
  if ((incompat & INCOMPAT_JOURNAL_DEVICE) !== 0) {
    const memberOf = "ext4 file-system with its journal apart";
    return [{ type: "ext-journal", text: `ext4 journal${label}`, offsetBytes, memberOf }];
  }
  const isExt4 = (incompat & ~INCOMPAT_EXT3) !== 0 || (superblock.readUInt32LE(0x64) & ~RO_COMPAT_EXT3) !== 0;
  const hasJournal = (superblock.readUInt32LE(0x5c) & COMPAT_JOURNAL) !== 0;
  const type = isExt4 ? "ext4" : hasJournal ? "ext3" : "ext2";
  return [{ type, text: `${type}${label}`, offsetBytes }];
}

const BTRFS_MAGIC_OFFSET = 64;
const BTRFS_SUPERBLOCKS = [64 * 2 ** 10, 64 * 2 ** 20, 256 * 2 ** 30] as const;

/** btrfs and its superblock copies at 64 MiB and 256 GiB. */
export function findBtrfs(device: DeviceBytes): readonly Signature[] {
  return BTRFS_SUPERBLOCKS.flatMap((place) => {
    const offsetBytes = place + BTRFS_MAGIC_OFFSET;
    const superblock = device.read(place, 1024);
    if (superblock === undefined || !hasText(device, offsetBytes, "_BHRfS_M")) return [];
    const label = formatLabel(cleanText(superblock.subarray(0x12b, 0x12b + 256)));
    const deviceCount = superblock.readBigUInt64LE(0x88);
    const text = `btrfs${label}`;
    if (deviceCount <= 1n) return [{ type: "btrfs", text, offsetBytes }];
    return [{ type: "btrfs", text, offsetBytes, memberOf: `${text} on ${deviceCount} devices` }];
  });
}

const PAGE_BYTES = [4096, 8192, 16384, 32768, 65536] as const;
const SWAP_MAGICS: readonly (readonly [string, string])[] = [
  ["SWAPSPACE2", "swap"],
  ["SWAP-SPACE", "swap"],
  ["S1SUSPEND\0", "swap with a hibernated system"],
  ["S2SUSPEND\0", "swap with a hibernated system"],
];

/** Swap space; its magic ends the first page, whose size the machine that made it chose. */
export function findSwap(device: DeviceBytes): readonly Signature[] {
  return PAGE_BYTES.flatMap((pageBytes) => {
    const offsetBytes = pageBytes - 10;
    const found = SWAP_MAGICS.find(([magic]) => hasText(device, offsetBytes, magic));
    if (found === undefined) return [];
    const label = device.read(1024 + 28, 16);
    const text = `${found[1]}${formatLabel(label === undefined ? "" : cleanText(label))}`;
    return [{ type: "swap", text, offsetBytes }];
  });
}

/** FAT12, FAT16 and FAT32; only a boot sector that makes sense counts, as any MBR may hold the words. */
export function findFat(device: DeviceBytes): readonly Signature[] {
  const sector = device.read(0, 512);
  if (sector === undefined) return [];
  const is32 = hasText(device, 82, "FAT32");
  if (!is32 && !hasText(device, 54, "FAT1")) return [];
  const sectorBytes = sector.readUInt16LE(11);
  const makesSense =
    [512, 1024, 2048, 4096].includes(sectorBytes) &&
    isPowerOfTwo(sector.readUInt8(13)) &&
    sector.readUInt16LE(14) > 0 &&
    sector.readUInt8(16) > 0 &&
    sector.readUInt8(21) >= 0xf0;
  if (!makesSense) return [];
  const label = cleanText(is32 ? sector.subarray(71, 82) : sector.subarray(43, 54));
  const text = `vfat${formatLabel(label === "NO NAME" ? "" : label)}`;
  return [{ type: "vfat", text, offsetBytes: is32 ? 82 : 54 }];
}

function isPowerOfTwo(value: number): boolean {
  return value > 0 && (value & (value - 1)) === 0;
}
