import type { Drive } from "../drives/drives.ts";

/** What a block device is; all but the first two are built on others. */
export type DeviceKind =
  | "drive"
  | "partition"
  | "encrypted"
  | "logical-volume"
  | "multipath"
  | "mapping"
  | "raid"
  | "bcache"
  | "unknown";

/** A drive, one of its partitions, or something built on them, as sysfs has it (Documentation/ABI/testing/sysfs-block). */
export interface StackedDevice {
  /** Kernel name: `sda1`, `md127`, `dm-3`. */
  readonly name: string;
  readonly kind: DeviceKind;
  /** `8:1`; "" when unknown. */
  readonly deviceNumber: string;
  /** Device-mapper's own name (`vg0-root`); "" for anything else. */
  readonly mappingName: string;
  /** `raid1`; "" for anything else than a RAID array. */
  readonly raidLevel: string;
  /** Kernel names of the devices built directly on it. */
  readonly holders: readonly string[];
  /** Kernel names of the devices that it is built on directly. */
  readonly slaves: readonly string[];
  /** Kernel name of the device that this is a partition of, or the RAID container that this is a volume of. */
  readonly parent: string | undefined;
  /** Kernel names of all whole drives that it lies on. */
  readonly drives: readonly string[];
}

/** A drive and everything that is built on it: the drive first, then what was found from there on, each once. */
export interface HolderTree {
  readonly drive: Drive;
  readonly devices: readonly StackedDevice[];
}

/** What a device-mapper device is, by the prefix that its maker put into `dm/uuid`. */
export function parseMappingKind(uuid: string): DeviceKind {
  if (uuid.startsWith("CRYPT-")) return "encrypted";
  if (uuid.startsWith("LVM-")) return "logical-volume";
  if (uuid.startsWith("mpath-")) return "multipath";
  return "mapping";
}

/** The kind of a device that has no `dm` directory, by its kernel name. */
export function parseDeviceKind(name: string, isPartition: boolean): DeviceKind {
  if (isPartition) return "partition";
  if (/^md[_\d]/.test(name)) return "raid";
  if (/^bcache\d/.test(name)) return "bcache";
  return "unknown";
}

/** The RAID container (`md127`) that an array is a volume of, by its `md/metadata_version` (`external:/md127/0`). */
export function parseContainer(metadataVersion: string): string | undefined {
  return /^external:[/-]([^/]+)\//.exec(metadataVersion)?.[1];
}

/** `/dev/sda1`, `/dev/mapper/vg0-root` */
export function stackedDevicePath({ name, mappingName }: StackedDevice): string {
  return mappingName === "" ? `/dev/${name}` : `/dev/mapper/${mappingName}`;
}

/** What people call it: `RAID array md127 (raid1)`, `logical volume vg0-root`. */
export function describeDevice({ name, kind, mappingName, raidLevel }: StackedDevice): string {
  switch (kind) {
    case "encrypted":
      return `encrypted volume ${mappingName}`;
    case "logical-volume":
      return `logical volume ${mappingName}`;
    case "multipath":
      return `multipath map ${mappingName}`;
    case "mapping":
      return `mapping ${mappingName}`;
    case "raid":
      return `RAID array ${name}${raidLevel === "" ? "" : ` (${raidLevel})`}`;
    case "bcache":
      return `cached device ${name}`;
    case "drive":
    case "partition":
    case "unknown":
      return name;
  }
}
