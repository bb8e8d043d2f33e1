/** A file-system, key area or boot area that will be on a drive. */
export interface PlannedVolume {
  /** Partition number; 0: the whole drive. */
  readonly number: number;
  readonly startBytes: number;
  readonly sizeBytes: number;
  /** Such as `ext4`; empty for areas without a file-system. */
  readonly type: string;
  readonly label: string;
  readonly isEncrypted: boolean;
  /** Empty when it is not mounted. */
  readonly mountPoint: string;
  /** What the partition is for, such as `efi-system`. */
  readonly purpose: string;
}

export interface PlannedDrive {
  /** Kernel name. */
  readonly name: string;
  readonly model: string;
  readonly serial: string;
  readonly sizeBytes: number;
  readonly role: "boot" | "data";
  /** By place on the drive. */
  readonly volumes: readonly PlannedVolume[];
}

/** What will be done to the drives, as views show it. */
export type DrivesPlan = readonly PlannedDrive[];
