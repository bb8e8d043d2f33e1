import { InstallerError } from "../../core/errors.ts";
import { defaultPartition, type Partition } from "./layout.ts";
import { EFI_MOUNT_POINTS } from "./mount-points.ts";

const MIB = 2 ** 20;

/**
 * Enough for the removable-media boot loader of every architecture, and what firmware updates leave there. mkfs.vfat makes
 * a FAT16 of it, whatever the sector size: a FAT32 needs 65525 clusters, which with sectors of 4096 bytes are 256 MiB. UEFI
 * firmware reads FAT12, FAT16 and FAT32 (UEFI specification 2.10, section 13.3), and the original made the same.
 */
const EFI_PARTITION_BYTES = 128 * MIB;

/** Throws E_LAYOUT_MOUNT_POINT for a layout with more than one EFI partition. */
export function checkOneEfiPartition(partitions: readonly Partition[]): void {
  const [first, second] = partitions.filter(({ mountPoint }) => EFI_MOUNT_POINTS.includes(mountPoint));
  if (first === undefined || second === undefined) return;
  throw new InstallerError(
    "E_LAYOUT_MOUNT_POINT",
    `storage layout: ${first.mountPoint} and ${second.mountPoint} are both EFI partitions; there can be one`,
  );
}

/**
 * Puts the EFI system partition first (spec/storage.md section 4.1). A configured `/mnt/efi` or `/boot/efi` is taken for it;
 * otherwise a configured `/boot` becomes it, so that firmware and boot loader share one partition. Throws E_LAYOUT_VALUE.
 */
export function withEfiPartition(partitions: readonly Partition[]): readonly Partition[] {
  const configured =
    partitions.find(({ mountPoint }) => EFI_MOUNT_POINTS.includes(mountPoint)) ??
    partitions.find(({ mountPoint }) => mountPoint === "/boot");
  const rest = partitions.filter((partition) => partition !== configured);
  return [efiPartition(configured), ...rest];
}

function efiPartition(configured: Partition | undefined): Partition {
  const base = defaultPartition(configured?.mountPoint ?? "/mnt/efi");
  // As in the original, a /boot that becomes the EFI partition keeps nothing but its MinimumFreeBytes.
  const kept = configured === undefined || configured.mountPoint === "/boot" ? base : configured;
  // ext4 is what a partition has whose type was not given.
  if (kept.fileSystemType !== "vfat" && kept.fileSystemType !== "ext4")
    throw new InstallerError(
      "E_LAYOUT_VALUE",
      `storage layout: partition ${kept.mountPoint}: FileSystemType=${kept.fileSystemType}: ` +
        "an EFI partition must be vfat",
    );
  return {
    ...kept,
    fileSystemType: "vfat",
    minimumFreeBytes: Math.max(EFI_PARTITION_BYTES, configured?.minimumFreeBytes ?? 0),
  };
}
