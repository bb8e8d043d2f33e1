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

/** Journal blocks by the file-system's blocks (ext2fs_default_journal_size in e2fsprogs); larger ones get the last. */
const JOURNAL_BLOCKS: readonly (readonly [belowBlocks: number, journalBlocks: number])[] = [
  [2048, 0],
  [2 ** 15, 1024],
  [2 ** 18, 4096],
  [2 ** 19, 8192],
  [2 ** 22, 16384],
  [2 ** 23, 32768],
  [2 ** 24, 65536],
  [2 ** 25, 131072],
];
const LARGEST_JOURNAL_BLOCKS = 262144;

const SMALL_BELOW_BYTES = 512 * MIB;
const INODE_BYTES = 256;
const GROUP_DESCRIPTOR_BYTES = 64;

/** The top directory, lost+found, and what the journal's own tree takes. */
const DIRECTORY_BYTES = 64 * 1024;

/** What mkfs.ext4 makes of a device, as far as it takes room from files. */
export interface Ext4Geometry {
  readonly blockBytes: number;
  readonly blocks: number;
  readonly inodes: number;
  /** Blocks that are gone before the first file: tables, bitmaps, copies of the superblock, journal. */
  readonly overheadBlocks: number;
}

/**
 * The geometry that mkfs.ext4 chooses with the mke2fs.conf that e2fsprogs ships. `bytesPerInode` undefined: its default;
 * `sectorBytes`: the device's logical sector size. The overhead errs to the high side, by a percent at most.
 */
export function ext4Geometry(
  sizeBytes: number,
  bytesPerInode: number | undefined,
  sectorBytes: number,
): Ext4Geometry {
  const blockBytes = Math.max(sizeBytes < SMALL_BELOW_BYTES ? 1024 : 4096, sectorBytes);
  const blocks = Math.floor(sizeBytes / blockBytes);
  const wantedInodes = Math.floor(sizeBytes / (bytesPerInode ?? defaultRatio(sizeBytes)));
  // A bitmap of one block describes a group; so many inodes that one does not suffice make the groups smaller.
  const inodesPerBlock = blockBytes / INODE_BYTES;
  const mostInodesPerGroup = Math.min(8 * blockBytes, 65536 - inodesPerBlock);
  const groups = Math.max(
    1,
    Math.ceil(blocks / (8 * blockBytes)),
    Math.ceil(wantedInodes / mostInodesPerGroup),
  );
  const geometry = describeGroups({ blockBytes, blocks, groups, wantedInodes });
  // What is left for the last group may be too little for its own tables, and then goes unused. The worse case is taken.
  const lastGroupBlocks = blocks % (8 * blockBytes);
  if (groups === 1 || lastGroupBlocks === 0 || lastGroupBlocks >= geometry.groupOverheadBlocks + 50)
    return geometry;
  const shorter = describeGroups({
    blockBytes,
    blocks: blocks - lastGroupBlocks,
    groups: groups - 1,
    wantedInodes,
  });
  return { ...shorter, inodes: Math.min(geometry.inodes, shorter.inodes) };
}

function describeGroups(request: {
  readonly blockBytes: number;
  readonly blocks: number;
  readonly groups: number;
  readonly wantedInodes: number;
}): Ext4Geometry & { readonly groupOverheadBlocks: number } {
  const { blockBytes, blocks, groups, wantedInodes } = request;
  const inodesPerBlock = blockBytes / INODE_BYTES;
  const tableBlocks = Math.ceil(wantedInodes / groups / inodesPerBlock);
  const inodesPerGroup = Math.max(8, Math.floor((tableBlocks * inodesPerBlock) / 8) * 8);
  const superblockBlocks = 1 + descriptorBlocks(blocks, blockBytes, groups);
  return {
    blockBytes,
    blocks,
    inodes: inodesPerGroup * groups,
    overheadBlocks:
      countSuperblocks(groups) * superblockBlocks +
      groups * (2 + tableBlocks) +
      journalBlocks(blocks) +
      Math.ceil(DIRECTORY_BYTES / blockBytes),
    groupOverheadBlocks: superblockBlocks + 2 + tableBlocks,
  };
}

function defaultRatio(sizeBytes: number): number {
  return DEFAULT_RATIOS.find(([belowBytes]) => sizeBytes < belowBytes)?.[1] ?? LARGEST_DEFAULT_RATIO;
}

function journalBlocks(blocks: number): number {
  return JOURNAL_BLOCKS.find(([belowBlocks]) => blocks < belowBlocks)?.[1] ?? LARGEST_JOURNAL_BLOCKS;
}

/** Blocks of one copy of the group descriptors, with those kept free for growing 1024-fold (resize_inode). */
function descriptorBlocks(blocks: number, blockBytes: number, groups: number): number {
  const descriptorsPerBlock = blockBytes / GROUP_DESCRIPTOR_BYTES;
  const used = Math.ceil(groups / descriptorsPerBlock);
  const grownGroups = Math.ceil((Math.min(2 ** 32, blocks * 1024) * groups) / Math.max(1, blocks));
  const grown = Math.ceil(grownGroups / descriptorsPerBlock);
  return used + Math.min(blockBytes / 4, Math.max(0, grown - used));
}

/** Groups with a copy of the superblock (sparse_super): 0, 1, and the powers of 3, 5 and 7. */
function countSuperblocks(groups: number): number {
  const powers = [3, 5, 7].flatMap((base) => {
    const found: number[] = [];
    for (let power = base; power < groups; power *= base) found.push(power);
    return found;
  });
  return Math.min(groups, 2) + powers.length;
}
