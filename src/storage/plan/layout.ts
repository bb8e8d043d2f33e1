import type { CountedDriveSelector, DriveSelector } from "../drives/drive-selector.ts";

/** File-systems that a partition of the layout can have; swap counts as one. */
export const FILE_SYSTEM_TYPES = ["ext4", "vfat", "xfs", "btrfs", "swap"] as const;

export type FileSystemType = (typeof FILE_SYSTEM_TYPES)[number];

/** How the installed system finds its file-systems: by their labels, or by identifiers that no other machine has. */
export const MOUNT_BY = ["label", "uuid"] as const;

export type MountBy = (typeof MOUNT_BY)[number];

/**
 * One entry of `BootDriveLayout` as the operator wrote it, defaults filled in (spec/configuration.md section 9).
 * Sizes are bytes; 0 or "" means "not given".
 */
export interface Partition {
  /** For swap: "", "none" or "swap". */
  readonly mountPoint: string;
  readonly fileSystemType: FileSystemType;
  readonly fileSystemLabel: string;
  /** The partition is at least this large. */
  readonly minimumBytes: number;
  /** The partition holds at least this much; for `/` the size of the image is added. */
  readonly minimumFreeBytes: number;
  /** 0: chosen by the planner. */
  readonly bytesPerInode: number;
  /** Blocks that only root may use, in percent; 0: the default of mkfs (5). */
  readonly reservedBlocksPercentage: number;
  /** Owner of the file-system's root directory. */
  readonly rootGroupId: number;
  readonly rootUserId: number;
}

/** storage-layout.json, decoded and with defaults, but neither normalised nor checked: that is `planStorage`'s part. */
export interface StorageLayout {
  /** Partitions of the first selected drive, in disk order. */
  readonly bootDriveLayout: readonly Partition[];
  /** The number of a data file-system is appended directly: `/data/` gives `/data/0`, `/data/1`. */
  readonly extraMountPointsBasename: string;
  readonly encrypt: boolean;
  readonly useKexec: boolean;
  readonly mountBy: MountBy;
  /** The one drive to install to; without it the drives are chosen in another way (selection-rule.ts). */
  readonly bootDrive?: DriveSelector;
  /** The data drives, in this order; no others are touched. */
  readonly dataDrives?: readonly CountedDriveSelector[];
}

/** A partition of which nothing but the mount point is given. */
export function defaultPartition(mountPoint: string): Partition {
  return {
    mountPoint,
    fileSystemType: "ext4",
    fileSystemLabel: "",
    minimumBytes: 0,
    minimumFreeBytes: 0,
    bytesPerInode: 0,
    reservedBlocksPercentage: 0,
    rootGroupId: 0,
    rootUserId: 0,
  };
}

/** A partition's name in messages. */
export function describePartition({ mountPoint, fileSystemType }: Partition): string {
  return fileSystemType === "swap" ? "swap" : mountPoint;
}
