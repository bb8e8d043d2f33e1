import type { Drive } from "../drives/drives.ts";
import { checkVolumeSizes, checkVolumesDiffer } from "./check-volumes.ts";
import { FILE_SYSTEM_TRAITS } from "./file-system-traits.ts";
import type { Partition, StorageLayout } from "./layout.ts";
import { parseMountPoint } from "./mount-points.ts";
import { normaliseLayout } from "./normalise-layout.ts";
import {
  type Firmware,
  type PartitionPlan,
  type StoragePlan,
  type VolumePurpose,
  volumesOf,
} from "./plan.ts";
import { planPartitions } from "./plan-partitions.ts";
import { planDataVolume, planPartitionVolume, type VolumeContext } from "./plan-volumes.ts";

export interface StorageRequest {
  readonly layout: StorageLayout;
  /** The selected drives, the boot drive first. */
  readonly drives: readonly [Drive, ...Drive[]];
  /** Space that the image's files take, whole blocks counted (spec/storage.md section 4.4). */
  readonly imageUsageBytes: number;
  readonly imageInodeCount: number;
  readonly firmware: Firmware;
  /** A new random UUID (RFC 9562, version 4) with each call; called only when the layout says MountBy uuid. */
  readonly newUuid: () => string;
}

/**
 * Decides everything that will be done to the drives (spec/storage.md sections 4 and 8). Pure but for `newUuid`. Throws
 * E_LAYOUT_* when the layout cannot work and E_DRIVE_TOO_SMALL when it does not fit.
 */
export function planStorage(request: StorageRequest): StoragePlan {
  const { layout, firmware, newUuid } = request;
  const [bootDrive, ...dataDrives] = request.drives;
  const normalised = normaliseLayout(layout, firmware);
  const sized = normalised.partitions.map((partition) =>
    withRoomForImage(partition, request.imageUsageBytes),
  );
  const table = planPartitions(bootDrive, sized, firmware);
  const context: VolumeContext = {
    encrypt: layout.encrypt,
    dataMountPoint: parseMountPoint(`${normalised.dataBasename}0`),
    image: { usageBytes: request.imageUsageBytes, inodeCount: request.imageInodeCount },
    mountBy: layout.mountBy,
    newUuid,
  };
  const passes = fsckPasses(sized);
  const partitions: readonly PartitionPlan[] = table.extents.map(({ partition, ...place }, index) => ({
    ...place,
    volume:
      partition &&
      planPartitionVolume(bootDrive, { partition, ...place }, partition, passes[index] ?? 2, context),
  }));
  const plan: StoragePlan = {
    firmware,
    bootDrive: {
      drive: bootDrive,
      tableType: table.tableType,
      partitions,
      bootPartition: bootPartitionNumber(partitions, firmware),
    },
    dataDrives: dataDrives.map((drive, index) => ({
      drive,
      volume: planDataVolume(drive, `${normalised.dataBasename}${index + 1}`, context),
    })),
    mountBy: layout.mountBy,
    notes: [...normalised.notes, ...table.notes],
  };
  checkVolumesDiffer(volumesOf(plan));
  checkVolumeSizes(volumesOf(plan));
  return plan;
}

/** The root holds the image and as much again, or the free space that was asked for (spec/storage.md section 4.4). */
function withRoomForImage(partition: Partition, imageUsageBytes: number): Partition {
  if (partition.mountPoint !== "/") return partition;
  const freeBytes = Math.max(partition.minimumFreeBytes, imageUsageBytes);
  return { ...partition, minimumFreeBytes: freeBytes + imageUsageBytes };
}

/** fsck checks the root alone first; the others follow in the order of the layout. 0: nothing to check. */
function fsckPasses(partitions: readonly Partition[]): readonly number[] {
  let next = 2;
  return partitions.map(({ mountPoint, fileSystemType }) => {
    if (!FILE_SYSTEM_TRAITS[fileSystemType].isChecked) return 0;
    return mountPoint === "/" ? 1 : next++;
  });
}

/** What firmware or boot loader is pointed to: the EFI partition, GRUB's own area, or the partition with /boot in it. */
function bootPartitionNumber(partitions: readonly PartitionPlan[], firmware: Firmware): number {
  if (firmware === "efi") return 1;
  const area = partitions.find(({ volume }) => volume === undefined);
  const first = (purpose: VolumePurpose) => partitions.find(({ volume }) => volume?.purpose === purpose);
  return (area ?? first("boot") ?? first("root"))?.number ?? 1;
}
