import type { FileSystemType, Partition } from "../../src/storage/plan/layout.ts";
import type { StorageCase } from "./storage-expectation.ts";

/** A partition as the original makes it of the layout (spec/storage.md section 4); its number is its place in the list. */
export interface OriginalPartition {
  readonly mountPoint: string;
  readonly label: string;
  readonly hasOwnLabel: boolean;
  readonly type: FileSystemType;
  readonly hasSize: boolean;
  /** What the layout has for it; undefined for those that are added. */
  readonly configured: Partition | undefined;
}

const DEFAULT_LABELS: Readonly<Record<string, string>> = {
  "/": "rootfs",
  "/boot": "bootfs",
  "/mnt/efi": "EFI",
};

/** The partitions of the boot drive in the order of the original, the added ones among them. */
export function originalPartitions({ layout, vector }: StorageCase): readonly OriginalPartition[] {
  if (layout === undefined) return [];
  const configured = layout.bootDriveLayout.map(describe);
  const all = vector.efi ? withEfi(configured) : configured;
  const extra = `${layout.extraMountPointsBasename}0`;
  return all.some(({ mountPoint }) => mountPoint === extra) ? all : [...all, added(extra, "ext4", false)];
}

function describe(partition: Partition): OriginalPartition {
  const { mountPoint, fileSystemType, fileSystemLabel, minimumBytes, minimumFreeBytes } = partition;
  return {
    mountPoint,
    label: fileSystemLabel === "" ? (DEFAULT_LABELS[mountPoint] ?? mountPoint) : fileSystemLabel,
    hasOwnLabel: fileSystemLabel !== "",
    type: fileSystemType,
    // The root always holds the image.
    hasSize: minimumBytes > 0 || minimumFreeBytes > 0 || mountPoint === "/",
    configured: partition,
  };
}

function withEfi(partitions: readonly OriginalPartition[]): readonly OriginalPartition[] {
  const hasBoot = partitions.some(({ mountPoint }) => mountPoint === "/boot");
  const efi = added(hasBoot ? "/boot" : "/mnt/efi", "vfat", true);
  return [efi, ...partitions.filter(({ mountPoint }) => mountPoint !== "/boot")];
}

function added(mountPoint: string, type: FileSystemType, hasSize: boolean): OriginalPartition {
  const label = DEFAULT_LABELS[mountPoint] ?? mountPoint;
  return { mountPoint, label, hasOwnLabel: false, type, hasSize, configured: undefined };
}

/** The boot drive of the installation that was recorded. */
export function bootDriveOf({ recorded }: StorageCase): string | undefined {
  return recorded.selected?.[0] ?? recorded.driveOrder?.[0];
}

/** The drives of the installation after the first. */
export function dataDrivesOf({ recorded }: StorageCase): readonly string[] {
  return (recorded.selected ?? recorded.driveOrder ?? []).slice(1);
}
