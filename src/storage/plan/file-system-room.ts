import { ext4Geometry } from "./ext4-geometry.ts";
import type { FileSystemPlan } from "./plan.ts";

const MIB = 2 ** 20;
const GIB = 2 ** 30;
const TIB = 2 ** 40;

const EXT4_DEFAULT_RESERVED_PERCENT = 5;

/** What the kernel keeps back from everybody for blocks that it has promised but not yet placed (s_resv_clusters). */
const EXT4_MOST_PROMISED_BLOCKS = 4096;
const EXT4_PROMISED_SHARE = 1 / 50;

const XFS_INODE_BYTES = 512;

/** What a file takes in the trees of btrfs, which keeps two copies of them. */
const BTRFS_INODE_BYTES = 2048;

/** What a file-system has for files; both err to the low side. */
export interface FileSystemRoom {
  /** For the content of files, directories counted with a block each. */
  readonly bytes: number;
  readonly inodes: number;
}

/**
 * The room that a newly made file-system offers to `inodeCount` files on a device of `sizeBytes` with logical sectors of
 * `sectorBytes`: without metadata, journal, and blocks that only root may use. That of ext4 is computed as mkfs does, those of
 * xfs and btrfs are bounds that hold from 300 MiB to 1 TiB (xfsprogs 6.1, btrfs-progs 6.2) with some distance.
 */
export function estimateRoom(
  fileSystem: Pick<FileSystemPlan, "type" | "bytesPerInode" | "reservedBlocksPercentage">,
  sizeBytes: number,
  sectorBytes: number,
  inodeCount: number,
): FileSystemRoom {
  switch (fileSystem.type) {
    case "ext4": {
      const geometry = ext4Geometry(sizeBytes, fileSystem.bytesPerInode, sectorBytes);
      const { blocks, blockBytes, overheadBlocks, inodes } = geometry;
      const reservedPercent = fileSystem.reservedBlocksPercentage ?? EXT4_DEFAULT_RESERVED_PERCENT;
      const reservedBlocks = Math.ceil((blocks * reservedPercent) / 100);
      const promisedBlocks = Math.min(EXT4_MOST_PROMISED_BLOCKS, Math.ceil(blocks * EXT4_PROMISED_SHARE));
      const usableBlocks = blocks - overheadBlocks - reservedBlocks - promisedBlocks;
      return { bytes: Math.max(0, usableBlocks * blockBytes), inodes };
    }
    case "xfs": {
      const inodeBytes = inodeCount * XFS_INODE_BYTES;
      return {
        bytes: Math.max(0, sizeBytes - 96 * MIB - sizeBytes / 64 - inodeBytes),
        inodes: Math.floor((sizeBytes * xfsInodePercent(sizeBytes)) / 100 / XFS_INODE_BYTES),
      };
    }
    case "btrfs": {
      const metadataBytes = Math.min(sizeBytes / 8 + 96 * MIB, 2.2 * GIB);
      const bytes = sizeBytes - Math.max(metadataBytes, inodeCount * BTRFS_INODE_BYTES);
      return { bytes: Math.max(0, bytes), inodes: Number.POSITIVE_INFINITY };
    }
    case "vfat":
      return { bytes: Math.max(0, sizeBytes - sizeBytes / 64 - MIB), inodes: Number.POSITIVE_INFINITY };
    case "swap":
      return { bytes: 0, inodes: 0 };
  }
}

/** Share of an xfs file-system that inodes may take (imaxpct in mkfs.xfs(8)). */
function xfsInodePercent(sizeBytes: number): number {
  if (sizeBytes < TIB) return 25;
  return sizeBytes < 50 * TIB ? 5 : 1;
}
