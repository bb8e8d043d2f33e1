import { formatBytes } from "../../core/byte-size.ts";
import type { Drive } from "../drives/drives.ts";
import type { FileSystemPlan, PartitionPlan, StoragePlan, Volume } from "./plan.ts";

const TABLE_NAMES = { msdos: "MBR", gpt: "GPT" } as const;

/** The plan for people, one line each, to be logged before the first change. */
export function formatPlan(plan: StoragePlan): readonly string[] {
  const { drive, tableType, partitions } = plan.bootDrive;
  const table = `${TABLE_NAMES[tableType]} partition table, ${plan.firmware === "efi" ? "EFI" : "BIOS"}`;
  return [
    ...plan.notes,
    `boot drive ${formatDrive(drive)}: will be erased; ${table}`,
    ...partitions.map((partition) => `  ${formatPartition(partition)}`),
    ...plan.dataDrives.flatMap((data) => [
      `data drive ${formatDrive(data.drive)}: will be erased`,
      `  ${formatVolume(data.volume)}`,
    ]),
  ];
}

/** A drive and what tells it from others: `/dev/sda (2 GiB, ST2000, serial Z1)`. */
export function formatDrive(drive: Drive): string {
  const serial = drive.serial === "" ? "" : `serial ${drive.serial}`;
  const facts = [formatBytes(drive.sizeBytes), drive.model, serial].filter((fact) => fact !== "");
  return `${drive.devicePath} (${facts.join(", ")})`;
}

function formatPartition({ number, startBytes, endBytes, volume }: PartitionPlan): string {
  const place = `${formatBytes(startBytes)} to ${formatBytes(endBytes)}`;
  return volume === undefined
    ? `partition ${number} (${place}): BIOS boot area of GRUB`
    : `${formatVolume(volume)} (${place})`;
}

function formatVolume({ devicePath, sizeBytes, encrypted, fileSystem }: Volume): string {
  const size = formatBytes(sizeBytes);
  return `${devicePath}: ${size} ${encrypted ? "encrypted " : ""}${formatFileSystem(fileSystem)}`;
}

function formatFileSystem({ type, label, mountPoint }: FileSystemPlan): string {
  return `${type} labelled ${label} on ${mountPoint}`;
}
