import type { Drive } from "../drives/drives.ts";
import type { FileSystemType, MountBy } from "./layout.ts";

/** How the machine boots; it was started the same way. */
export type Firmware = "bios" | "efi";

export type PartitionTableType = "msdos" | "gpt";

/** What a volume is for; decides encryption, mounting while installing, and where the boot loader looks. */
export type VolumePurpose = "root" | "boot" | "efi" | "data" | "swap" | "other";

/** A file-system to make. */
export interface FileSystemPlan {
  readonly type: FileSystemType;
  readonly label: string;
  /** As fstab writes it, for vfat `ABCD-0123`; undefined: mkfs chooses one, and the label is what counts. */
  readonly uuid: string | undefined;
  /** An absolute path; "none" for swap. */
  readonly mountPoint: string;
  /** Undefined: the default of mkfs. */
  readonly bytesPerInode: number | undefined;
  readonly reservedBlocksPercentage: number | undefined;
  readonly rootUserId: number;
  readonly rootGroupId: number;
  /** Sixth field of fstab. */
  readonly fsckPass: number;
}

/** A block device that gets a file-system: a partition or a whole drive. */
export interface Volume {
  readonly purpose: VolumePurpose;
  readonly driveName: string;
  /** The partition or drive itself, even when it is encrypted. */
  readonly devicePath: string;
  readonly sizeBytes: number;
  readonly encrypted: boolean;
  /** Identifier of the LUKS header; undefined: not encrypted, or the device path is what counts. */
  readonly luksUuid: string | undefined;
  readonly fileSystem: FileSystemPlan;
}

/** A partition; `endBytes` is the first byte after it. */
export interface PartitionPlan {
  readonly number: number;
  readonly startBytes: number;
  readonly endBytes: number;
  /** Reaches to the end of the drive: the partitioner may round it. */
  readonly openEnded: boolean;
  /** Undefined: the area that GRUB needs to boot from a GPT with BIOS firmware. */
  readonly volume: Volume | undefined;
}

export interface BootDrivePlan {
  readonly drive: Drive;
  readonly tableType: PartitionTableType;
  readonly partitions: readonly PartitionPlan[];
  /** Number of the partition that firmware or boot loader is pointed to. */
  readonly bootPartition: number;
}

export interface DataDrivePlan {
  readonly drive: Drive;
  readonly volume: Volume;
}

/** Everything that will be done to drives, decided before the first byte changes. */
export interface StoragePlan {
  readonly firmware: Firmware;
  readonly bootDrive: BootDrivePlan;
  readonly dataDrives: readonly DataDrivePlan[];
  readonly mountBy: MountBy;
  /** Decisions that the operator did not spell out, for the log. */
  readonly notes: readonly string[];
}

/** All drives of the plan, the boot drive first. */
export function drivesOf(plan: StoragePlan): readonly Drive[] {
  return [plan.bootDrive.drive, ...plan.dataDrives.map((data) => data.drive)];
}

/** The volumes of the boot drive in partition order. */
export function bootDriveVolumes(plan: StoragePlan): readonly Volume[] {
  return plan.bootDrive.partitions.flatMap(({ volume }) => (volume === undefined ? [] : [volume]));
}

/** All volumes: those of the boot drive, then the data drives. */
export function volumesOf(plan: StoragePlan): readonly Volume[] {
  return [...bootDriveVolumes(plan), ...plan.dataDrives.map((data) => data.volume)];
}

/** True when `/boot` is a file-system of its own, so that the boot loader sees its files without the `/boot` before. */
export function hasSeparateBoot(plan: StoragePlan): boolean {
  return bootDriveVolumes(plan).some((volume) => volume.fileSystem.mountPoint === "/boot");
}

/** How fstab and the kernel's `root=` name a file-system: `LABEL=rootfs`, or `UUID=…` when it was given one. */
export function mountSource({ label, uuid }: FileSystemPlan): string {
  return uuid === undefined ? `LABEL=${label}` : `UUID=${uuid}`;
}

/** Kernel name of the volume's device (`sda2`); the open mapping of an encrypted volume is called the same. */
export function deviceName(volume: Volume): string {
  return volume.devicePath.slice("/dev/".length);
}

/** The device that holds the file-system itself: the mapping when the volume is encrypted. */
export function fileSystemDevice(volume: Volume): string {
  return volume.encrypted ? `/dev/mapper/${deviceName(volume)}` : volume.devicePath;
}
