import { formatBytes } from "../../core/byte-size.ts";
import { InstallerError } from "../../core/errors.ts";
import { type Drive, formatPartitionName } from "../drives/drives.ts";
import { ext4InodeCapacity, planBytesPerInode } from "./ext4-inodes.ts";
import { checkLabel, planLabel } from "./labels.ts";
import type { Partition } from "./layout.ts";
import { parseMountPoint } from "./mount-points.ts";
import type { Volume, VolumePurpose } from "./plan.ts";
import { type PartitionExtent, partitionSizeBytes } from "./plan-partitions.ts";

/** What the volumes of one installation have in common. */
export interface VolumeContext {
  readonly encrypt: boolean;
  /** Mount point of the boot drive's data file-system. */
  readonly dataMountPoint: string;
  readonly imageInodeCount: number;
}

/** Few, large files are expected where the rest of a drive goes. */
const REST_BYTES_PER_INODE = 65536;
const DATA_DRIVE_BYTES_PER_INODE = 2 ** 20;

/** A LUKS header takes 16 MiB, and a file-system needs some room behind it. */
const SMALLEST_ENCRYPTED_BYTES = 32 * 2 ** 20;

const NEVER_ENCRYPTED: readonly VolumePurpose[] = ["root", "boot", "efi"];

/** The volume on a partition of the boot drive (spec/storage.md section 8.2). Throws E_LAYOUT_INODES. */
export function planPartitionVolume(
  drive: Drive,
  extent: PartitionExtent,
  partition: Partition,
  fsckPass: number,
  context: VolumeContext,
): Volume {
  const { mountPoint, reservedBlocksPercentage } = partition;
  const purpose = purposeOf(mountPoint, context.dataMountPoint);
  return {
    purpose,
    driveName: drive.name,
    devicePath: `/dev/${formatPartitionName(drive.name, extent.number)}`,
    sizeBytes: extent.endBytes - extent.startBytes,
    encrypted: context.encrypt && !NEVER_ENCRYPTED.includes(purpose),
    fileSystem: {
      type: partition.fileSystemType,
      label: partition.fileSystemLabel,
      mountPoint,
      bytesPerInode: chooseBytesPerInode(extent, partition, context.imageInodeCount),
      reservedBlocksPercentage: reservedBlocksPercentage === 0 ? undefined : reservedBlocksPercentage,
      rootUserId: partition.rootUserId,
      rootGroupId: partition.rootGroupId,
      fsckPass,
    },
  };
}

/** The volume that takes a whole data drive. Throws E_LAYOUT_MOUNT_POINT and E_LAYOUT_LABEL. */
export function planDataVolume(drive: Drive, mountPointText: string, encrypt: boolean): Volume {
  const mountPoint = parseMountPoint(mountPointText);
  const label = planLabel(mountPoint, "ext4");
  checkLabel(label, "ext4", mountPoint);
  return {
    purpose: "data",
    driveName: drive.name,
    devicePath: drive.devicePath,
    sizeBytes: drive.sizeBytes,
    encrypted: encrypt,
    fileSystem: {
      type: "ext4",
      label,
      mountPoint,
      bytesPerInode: DATA_DRIVE_BYTES_PER_INODE,
      reservedBlocksPercentage: undefined,
      rootUserId: 0,
      rootGroupId: 0,
      fsckPass: 2,
    },
  };
}

/** Throws E_LAYOUT_SIZE when an encrypted volume has no room for more than its header. */
export function checkEncryptedSizes(volumes: readonly Volume[]): void {
  const small = volumes.find(({ encrypted, sizeBytes }) => encrypted && sizeBytes < SMALLEST_ENCRYPTED_BYTES);
  if (small === undefined) return;
  throw new InstallerError(
    "E_LAYOUT_SIZE",
    `storage layout: ${small.fileSystem.mountPoint} has ${formatBytes(small.sizeBytes)}, ` +
      `encryption needs at least ${formatBytes(SMALLEST_ENCRYPTED_BYTES)}`,
  );
}

/** Throws when two volumes share a mount point, or a label: mounting by label would pick either. */
export function checkVolumesDiffer(volumes: readonly Volume[]): void {
  const mountPoints = new Set<string>();
  const labelOwners = new Map<string, string>();
  for (const { fileSystem } of volumes) {
    const { mountPoint, label } = fileSystem;
    if (mountPoints.has(mountPoint))
      throw new InstallerError(
        "E_LAYOUT_MOUNT_POINT",
        `storage layout: mount point ${mountPoint} is used twice`,
      );
    const owner = labelOwners.get(label);
    if (owner !== undefined)
      throw new InstallerError(
        "E_LAYOUT_LABEL",
        `storage layout: label ${JSON.stringify(label)} of ${mountPoint} is already that of ${owner}`,
      );
    mountPoints.add(mountPoint);
    labelOwners.set(label, mountPoint);
  }
}

function purposeOf(mountPoint: string, dataMountPoint: string): VolumePurpose {
  switch (mountPoint) {
    case "/":
      return "root";
    case "/boot":
      return "boot";
    case "/mnt/efi":
      return "efi";
    case dataMountPoint:
      return "data";
    default:
      return "other";
  }
}

function chooseBytesPerInode(
  extent: PartitionExtent,
  partition: Partition,
  imageInodeCount: number,
): number | undefined {
  const configured = partition.bytesPerInode === 0 ? undefined : partition.bytesPerInode;
  if (partition.mountPoint !== "/")
    return configured ?? (partitionSizeBytes(partition) === 0 ? REST_BYTES_PER_INODE : undefined);
  const sizeBytes = extent.endBytes - extent.startBytes;
  const chosen = configured ?? planBytesPerInode(sizeBytes, imageInodeCount);
  const capacity = ext4InodeCapacity(sizeBytes, chosen);
  if (capacity >= imageInodeCount) return chosen;
  throw new InstallerError(
    "E_LAYOUT_INODES",
    `planning the root file-system of ${formatBytes(sizeBytes)}: it would have ${capacity} inodes, ` +
      `the image needs ${imageInodeCount}`,
  );
}
