import { type Drive, formatPartitionName } from "../drives/drives.ts";
import { FILE_SYSTEM_TRAITS } from "./file-system-traits.ts";
import { checkRootHoldsImage, type ImageSize, planRootBytesPerInode } from "./image-fit.ts";
import { checkLabel, planLabel } from "./labels.ts";
import type { Partition } from "./layout.ts";
import { EFI_MOUNT_POINTS, parseMountPoint } from "./mount-points.ts";
import type { Volume, VolumePurpose } from "./plan.ts";
import { type PartitionExtent, partitionSizeBytes } from "./plan-partitions.ts";
import { type IdentitySource, planIdentity } from "./volume-identity.ts";

/** What the volumes of one installation have in common. */
export interface VolumeContext extends IdentitySource {
  readonly encrypt: boolean;
  /** Mount point of the boot drive's data file-system. */
  readonly dataMountPoint: string;
  readonly image: ImageSize;
}

/** Few, large files are expected where the rest of a drive goes. */
const REST_BYTES_PER_INODE = 65536;
const DATA_DRIVE_BYTES_PER_INODE = 2 ** 20;

const NEVER_ENCRYPTED: readonly VolumePurpose[] = ["root", "boot", "efi"];

/** The volume on a partition of the boot drive (spec/storage.md section 8.2). Throws E_LAYOUT_INODES and E_LAYOUT_SIZE. */
export function planPartitionVolume(
  drive: Drive,
  extent: PartitionExtent,
  partition: Partition,
  fsckPass: number,
  context: VolumeContext,
): Volume {
  const { fileSystemType: type, mountPoint, reservedBlocksPercentage } = partition;
  const purpose = purposeOf(partition, context.dataMountPoint);
  const encrypted = context.encrypt && !NEVER_ENCRYPTED.includes(purpose);
  const { uuid, luksUuid } = planIdentity(type, encrypted, context);
  const device = { sizeBytes: extent.endBytes - extent.startBytes, sectorBytes: drive.logicalSectorBytes };
  const fileSystem = {
    type,
    label: partition.fileSystemLabel,
    uuid,
    mountPoint,
    bytesPerInode: chooseBytesPerInode(partition, device, context.image),
    reservedBlocksPercentage: reservedBlocksPercentage === 0 ? undefined : reservedBlocksPercentage,
    rootUserId: partition.rootUserId,
    rootGroupId: partition.rootGroupId,
    fsckPass,
  };
  if (purpose === "root") checkRootHoldsImage(fileSystem, device, context.image);
  return {
    purpose,
    driveName: drive.name,
    devicePath: `/dev/${formatPartitionName(drive.name, extent.number)}`,
    sizeBytes: device.sizeBytes,
    encrypted,
    luksUuid,
    fileSystem,
  };
}

/** The volume that takes a whole data drive. Throws E_LAYOUT_MOUNT_POINT and E_LAYOUT_LABEL. */
export function planDataVolume(drive: Drive, mountPointText: string, context: VolumeContext): Volume {
  const mountPoint = parseMountPoint(mountPointText);
  const label = planLabel(mountPoint, "ext4");
  checkLabel(label, "ext4", mountPoint);
  const { uuid, luksUuid } = planIdentity("ext4", context.encrypt, context);
  return {
    purpose: "data",
    driveName: drive.name,
    devicePath: drive.devicePath,
    sizeBytes: drive.sizeBytes,
    encrypted: context.encrypt,
    luksUuid,
    fileSystem: {
      type: "ext4",
      label,
      uuid,
      mountPoint,
      bytesPerInode: DATA_DRIVE_BYTES_PER_INODE,
      reservedBlocksPercentage: undefined,
      rootUserId: 0,
      rootGroupId: 0,
      fsckPass: 2,
    },
  };
}

function purposeOf({ mountPoint, fileSystemType }: Partition, dataMountPoint: string): VolumePurpose {
  if (fileSystemType === "swap") return "swap";
  if (EFI_MOUNT_POINTS.includes(mountPoint)) return "efi";
  switch (mountPoint) {
    case "/":
      return "root";
    case "/boot":
      return "boot";
    case dataMountPoint:
      return "data";
    default:
      return "other";
  }
}

function chooseBytesPerInode(
  partition: Partition,
  device: { readonly sizeBytes: number; readonly sectorBytes: number },
  image: ImageSize,
): number | undefined {
  if (!FILE_SYSTEM_TRAITS[partition.fileSystemType].isTunable) return undefined;
  const configured = partition.bytesPerInode === 0 ? undefined : partition.bytesPerInode;
  if (partition.mountPoint === "/") return planRootBytesPerInode(configured, device, image);
  return configured ?? (partitionSizeBytes(partition) === 0 ? REST_BYTES_PER_INODE : undefined);
}
