import { formatBytes } from "../../core/byte-size.ts";
import { InstallerError } from "../../core/errors.ts";
import { checkLabel, planLabel } from "./labels.ts";
import { defaultPartition, type Partition, type StorageLayout } from "./layout.ts";
import { parseMountPoint } from "./mount-points.ts";
import type { Firmware } from "./plan.ts";

/** A layout ready for planning: mount points plain, labels set, EFI and data partition in place. */
export interface NormalisedLayout {
  readonly partitions: readonly Partition[];
  /** Prefix of the mount points of data file-systems. */
  readonly dataBasename: string;
  /** What was added or changed, for the log. */
  readonly notes: readonly string[];
}

const MIB = 2 ** 20;

/** Enough for the removable-media boot loader of every architecture, and what firmware updates leave there. */
const EFI_PARTITION_BYTES = 128 * MIB;
const EFI_MOUNT_POINT = "/mnt/efi";

/** Where data goes when the operator does not say; the original made `0` of it, which cannot be mounted. */
const DEFAULT_DATA_BASENAME = "/data/";

const RESERVED_PERCENT_LIMIT = 50;
const BYTES_PER_INODE_RANGE = { smallest: 1024, largest: 64 * MIB } as const;

/**
 * Completes and checks a layout (spec/storage.md sections 4.1 to 4.3). Throws E_LAYOUT_* for a layout that cannot work,
 * in the original's words where it has any.
 */
export function normaliseLayout(layout: StorageLayout, firmware: Firmware): NormalisedLayout {
  const notes: string[] = [];
  const dataBasename = planDataBasename(layout, notes);
  const configured = layout.bootDriveLayout.map(withPlainMountPoint);
  const bootable = firmware === "efi" ? withEfiPartition(configured) : configured;
  if (!bootable.some((partition) => partition.mountPoint === "/"))
    throw new InstallerError("E_LAYOUT_NO_ROOT", "no root partition specified in layout");
  const partitions = withDataPartition(bootable, dataBasename, notes).map(withLabel);
  for (const partition of partitions) checkPartition(partition);
  return { partitions, dataBasename, notes };
}

function planDataBasename(layout: StorageLayout, notes: string[]): string {
  if (layout.extraMountPointsBasename !== "") return layout.extraMountPointsBasename;
  notes.push(`no ExtraMountPointsBasename in the layout: using ${DEFAULT_DATA_BASENAME}`);
  return DEFAULT_DATA_BASENAME;
}

function withPlainMountPoint(partition: Partition): Partition {
  return { ...partition, mountPoint: parseMountPoint(partition.mountPoint) };
}

/**
 * Puts the EFI system partition first. A configured `/mnt/efi` is taken for it; otherwise a configured `/boot` becomes
 * it, so that firmware and boot loader share one partition.
 */
function withEfiPartition(partitions: readonly Partition[]): readonly Partition[] {
  const configured =
    partitions.find(({ mountPoint }) => mountPoint === EFI_MOUNT_POINT) ??
    partitions.find(({ mountPoint }) => mountPoint === "/boot");
  const rest = partitions.filter((partition) => partition !== configured);
  return [efiPartition(configured), ...rest];
}

function efiPartition(configured: Partition | undefined): Partition {
  const base = defaultPartition(configured?.mountPoint ?? EFI_MOUNT_POINT);
  // As in the original, a /boot that becomes the EFI partition keeps nothing but its MinimumFreeBytes.
  const kept = configured?.mountPoint === EFI_MOUNT_POINT ? configured : base;
  return {
    ...kept,
    fileSystemType: "vfat",
    minimumFreeBytes: Math.max(EFI_PARTITION_BYTES, configured?.minimumFreeBytes ?? 0),
  };
}

/** The first data file-system takes the rest of the boot drive; it is added unless the layout has it. */
function withDataPartition(
  partitions: readonly Partition[],
  basename: string,
  notes: string[],
): readonly Partition[] {
  const mountPoint = parseMountPoint(`${basename}0`);
  const last = partitions.at(-1);
  if (last === undefined || !partitions.some((partition) => partition.mountPoint === mountPoint)) {
    notes.push(`adding implied last partition: ${mountPoint}`);
    return [...partitions, defaultPartition(mountPoint)];
  }
  for (const [key, sizeBytes] of [
    ["MinimumBytes", last.minimumBytes],
    ["MinimumFreeBytes", last.minimumFreeBytes],
  ] as const) {
    if (sizeBytes !== 0)
      throw new InstallerError(
        "E_LAYOUT_SIZE",
        `last partition: ${last.mountPoint} has ${key}=${formatBytes(sizeBytes)}`,
      );
  }
  return partitions;
}

function withLabel(partition: Partition): Partition {
  if (partition.fileSystemLabel !== "") return partition;
  return { ...partition, fileSystemLabel: planLabel(partition.mountPoint, partition.fileSystemType) };
}

function checkPartition(partition: Partition): void {
  const { mountPoint, fileSystemType, bytesPerInode, reservedBlocksPercentage } = partition;
  if (mountPoint === "/" && fileSystemType !== "ext4")
    throw valueError(mountPoint, `FileSystemType=${fileSystemType}: a root file-system must be ext4`);
  const { smallest, largest } = BYTES_PER_INODE_RANGE;
  if (bytesPerInode !== 0 && (bytesPerInode < smallest || bytesPerInode > largest))
    throw valueError(mountPoint, `BytesPerInode=${bytesPerInode}: expected ${smallest} to ${largest}`);
  if (reservedBlocksPercentage > RESERVED_PERCENT_LIMIT)
    throw valueError(
      mountPoint,
      `ReservedBlocksPercentage=${reservedBlocksPercentage}: expected at most ${RESERVED_PERCENT_LIMIT}`,
    );
  checkLabel(partition.fileSystemLabel, fileSystemType, mountPoint);
}

function valueError(mountPoint: string, what: string): InstallerError {
  return new InstallerError("E_LAYOUT_VALUE", `storage layout: partition ${mountPoint}: ${what}`);
}
