import { formatBytes } from "../../core/byte-size.ts";
import { formatContents } from "../drives/drive-contents.ts";
import type { Drive } from "../drives/drives.ts";
import type { DataDrivePlan, PartitionPlan, StoragePlan, Volume } from "./plan.ts";
import type { PlanFacts } from "./plan-facts.ts";
import { alignColumns, wrapItems } from "./text-layout.ts";

const TABLE_NAMES = { msdos: "MBR", gpt: "GPT" } as const;

const COLUMNS = ["no.", "device", "from", "to", "size", "type", "label", "encrypted", "mounted on"] as const;
const NUMBER_COLUMNS: ReadonlySet<number> = new Set([0, 2, 3, 4]);

const NOT_THERE = "-";

/** The plan for people, one line each, to be shown before the first change; `facts` are about the machine as it is. */
export function formatPlan(plan: StoragePlan, facts: PlanFacts): readonly string[] {
  const { drive, tableType, partitions } = plan.bootDrive;
  const table = `${TABLE_NAMES[tableType]} partition table, ${plan.firmware === "efi" ? "EFI" : "BIOS"}`;
  return [
    ...plan.notes,
    `boot drive ${drive.devicePath}: will be erased; ${table}`,
    ...formatDrive(drive, facts),
    ...formatTable(partitions.map((partition) => partitionRow(partition))),
    ...plan.dataDrives.flatMap((data) => [
      `data drive ${data.drive.devicePath}: will be erased; one file-system without a partition table`,
      ...formatDrive(data.drive, facts),
      ...formatTable([dataDriveRow(data)]),
    ]),
    ...facts.release,
    ...facts.warnings.map((warning) => `warning: ${warning}`),
  ];
}

/** What tells the drive from others, and what will be lost. */
function formatDrive(drive: Drive, { contents }: PlanFacts): readonly string[] {
  const named = (name: string, value: string) => (value === "" ? [] : [`${name} ${value}`]);
  const facts = [
    formatBytes(drive.sizeBytes),
    ...(drive.transport === "unknown" ? [] : [drive.transport]),
    ...named("model", drive.model),
    ...named("serial", drive.serial),
    ...named("wwn", drive.wwn),
    ...named("path", drive.path),
  ];
  const found = contents.get(drive.name);
  const now = found === undefined ? [] : formatContents(found);
  return [
    ...wrapItems("  drive: ", facts),
    ...wrapItems("  now:   ", now.length === 0 ? ["nothing that is known"] : now),
  ];
}

function formatTable(rows: readonly (readonly string[])[]): readonly string[] {
  return alignColumns([COLUMNS, ...rows], NUMBER_COLUMNS).map((line) => `  ${line}`);
}

function partitionRow({ number, startBytes, endBytes, volume }: PartitionPlan): readonly string[] {
  const place = [formatBytes(startBytes), formatBytes(endBytes), formatBytes(endBytes - startBytes)];
  return volume === undefined
    ? [String(number), NOT_THERE, ...place, "BIOS boot area of GRUB"]
    : [String(number), volume.devicePath, ...place, ...volumeCells(volume)];
}

function dataDriveRow({ drive, volume }: DataDrivePlan): readonly string[] {
  const size = formatBytes(drive.sizeBytes);
  return [NOT_THERE, volume.devicePath, "0 B", size, size, ...volumeCells(volume)];
}

function volumeCells({ encrypted, fileSystem }: Volume): readonly string[] {
  const { type, label, mountPoint } = fileSystem;
  return [type, label === "" ? NOT_THERE : label, encrypted ? "LUKS2" : "no", mountPoint];
}
