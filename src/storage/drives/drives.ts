import { type ClassAttributes, formatBusPath } from "./bus-path.ts";
import { parseTransport, type Transport } from "./transport.ts";

/** A whole drive. */
export interface Drive {
  /** Kernel name: `sda`, `nvme0n1`. */
  readonly name: string;
  /** Device node: `/dev/sda`. */
  readonly devicePath: string;
  readonly sizeBytes: number;
  readonly logicalSectorBytes: number;
  readonly physicalSectorBytes: number;
  readonly rotational: boolean;
  readonly transport: Transport;
  /** Identity: for people, for selectors, and for telling that two drives are one; "" when the drive does not say. */
  readonly model: string;
  readonly serial: string;
  /** World-wide name as sysfs has it, with its kind: `naa.5000c500a1b2c3d4`, `eui.0025385b71b00b1d`. */
  readonly wwn: string;
  /** Where the drive is plugged in, as in /dev/disk/by-path: `pci-0000:00:1f.2-ata-1`; "" when unknown. */
  readonly path: string;
  /** The place in sysfs; drives are sorted by it, so that an order survives a change of names. */
  readonly busLocation: string;
}

/** What sysfs says about one entry of class/block, unparsed; undefined where a file is missing or unreadable. */
export interface RawDrive {
  readonly name: string;
  readonly isPartition: boolean;
  readonly isDevice: boolean;
  /** Target of the class entry's symbolic link. */
  readonly link: string | undefined;
  readonly removable: string | undefined;
  readonly hidden: string | undefined;
  readonly readOnly: string | undefined;
  /** Always in units of 512 bytes. */
  readonly sizeSectors: string | undefined;
  readonly logicalSectorBytes: string | undefined;
  readonly physicalSectorBytes: string | undefined;
  readonly rotational: string | undefined;
  readonly model: string | undefined;
  readonly serial: string | undefined;
  readonly wwn: string | undefined;
  /** What the drive's path needs beyond the link. */
  readonly classAttributes?: ClassAttributes;
  /** Name and link of the first controller's view of an NVMe drive that has several; the drive itself is virtual. */
  readonly controllerView?: { readonly name: string; readonly link: string } | undefined;
}

/** A drive, or why the entry is none; `reason` reads like the original's log (`skipping partition`). */
export type DriveVerdict = { readonly drive: Drive } | { readonly reason: string };

const SYSFS_SECTOR_BYTES = 512;

/** Boot and replay-protected areas of an eMMC chip: block devices of their own, but no place for a system. */
const EMMC_AREA = /^mmcblk\d+(boot\d+|rpmb)$/;

/** Decides whether an entry of class/block is a drive that could be installed to (spec/storage.md section 2). */
export function parseDrive(raw: RawDrive): DriveVerdict {
  const reason = reasonToSkip(raw);
  if (reason !== undefined) return { reason };
  const drive = describeDrive(raw);
  if (drive === undefined) return { reason: "skipping unreadable device" };
  return drive.sizeBytes === 0 ? { reason: "skipping empty device" } : { drive };
}

/** What is known about a drive, usable or not; undefined when place or size cannot be read. */
export function describeDrive(raw: RawDrive): Drive | undefined {
  const sizeSectors = parseCount(raw.sizeSectors);
  if (raw.link === undefined || sizeSectors === undefined) return undefined;
  const logicalSectorBytes = parseCount(raw.logicalSectorBytes) ?? SYSFS_SECTOR_BYTES;
  const { name, link } = raw.controllerView ?? { name: raw.name, link: raw.link };
  return {
    name: raw.name,
    devicePath: `/dev/${raw.name}`,
    sizeBytes: sizeSectors * SYSFS_SECTOR_BYTES,
    logicalSectorBytes,
    physicalSectorBytes: parseCount(raw.physicalSectorBytes) ?? logicalSectorBytes,
    rotational: parseCount(raw.rotational) === 1,
    transport: parseTransport(raw.link),
    model: formatIdentity(raw.model),
    serial: formatIdentity(raw.serial),
    wwn: formatIdentity(raw.wwn),
    path: formatBusPath(name, link, raw.classAttributes ?? new Map()),
    busLocation: parseBusLocation(raw.link),
  };
}

/**
 * The part of a class entry's link that names the bus position: without the leading `../../devices` and the trailing
 * `block/NAME`; a link too short for that is used whole.
 */
export function parseBusLocation(link: string): string {
  const parts = link.split("/");
  return parts.length > 5 ? parts.slice(3, -2).join("/") : link;
}

/**
 * `drives` in bus order (as bytes, stable), so that the first drive stays the first whatever the kernel calls it. NVMe
 * drives with several controllers share a location: their paths tell them apart.
 */
export function sortByBusLocation(drives: readonly Drive[]): readonly Drive[] {
  return drives.toSorted(
    (a, b) => compareBytes(a.busLocation, b.busLocation) || compareBytes(a.path, b.path),
  );
}

/** Name of partition `number` of a drive: the kernel puts a `p` between when the drive's name ends in a digit. */
export function formatPartitionName(driveName: string, number: number): string {
  return /\d$/.test(driveName) ? `${driveName}p${number}` : `${driveName}${number}`;
}

function reasonToSkip(raw: RawDrive): string | undefined {
  if (raw.isPartition) return "skipping partition";
  if (!raw.isDevice) return "skipping non-device";
  const removable = parseCount(raw.removable);
  if (removable === undefined) return "skipping device with unreadable removable attribute";
  if (removable !== 0) return "skipping removable device";
  if (parseCount(raw.hidden) === 1) return "skipping hidden device";
  if (EMMC_AREA.test(raw.name)) return "skipping eMMC boot area";
  if (parseCount(raw.readOnly) === 1) return "skipping read-only device";
  return undefined;
}

function compareBytes(left: string, right: string): number {
  return Buffer.compare(Buffer.from(left, "utf8"), Buffer.from(right, "utf8"));
}

/** A non-negative integer that JavaScript can count with; undefined for anything else. */
function parseCount(text: string | undefined): number | undefined {
  const trimmed = text?.trim();
  if (trimmed === undefined || !/^\d{1,16}$/.test(trimmed)) return undefined;
  const value = Number(trimmed);
  return Number.isSafeInteger(value * SYSFS_SECTOR_BYTES) ? value : undefined;
}

/** Vendors pad with blanks and zero bytes, and what they write ends in logs: printable ASCII only. */
function formatIdentity(text: string | undefined): string {
  return (text ?? "")
    .replaceAll(/[^\x20-\x7e]/g, "")
    .replaceAll(/ +/g, " ")
    .trim();
}
