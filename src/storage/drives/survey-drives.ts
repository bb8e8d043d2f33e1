import { formatBytes } from "../../core/byte-size.ts";
import type { Logger } from "../../core/logger.ts";
import type { FileSystem } from "../../system/files.ts";
import { type Drive, describeDrive, parseDrive, sortByBusLocation } from "./drives.ts";
import { findOtherPath } from "./other-paths.ts";
import { readRawDrive } from "./read-raw-drive.ts";

export interface FindDrivesPorts {
  readonly files: Pick<FileSystem, "readDirectoryText" | "readHead" | "readLink" | "readFile" | "exists">;
  readonly log: Logger;
}

/** What is known about one whole drive of this machine, usable or not. */
export interface DriveReport {
  /** Kernel name. */
  readonly name: string;
  /** Undefined when even place or size cannot be read. */
  readonly drive: Drive | undefined;
  /** Why it cannot be installed to (`removable device`); undefined when it can. */
  readonly reason: string | undefined;
  readonly removable: boolean;
  readonly readOnly: boolean;
  /** Name of the drive that this is a second path to. */
  readonly otherPathOf?: string;
  /** What it carries, one text each (`GPT partition table`); absent while nobody has looked. */
  readonly contents?: readonly string[];
  /** What larger thing it is a part of (`LVM volume group vg0`), as far as somebody has looked. */
  readonly memberOf?: string | undefined;
}

const SECTOR_BYTES = 512;

/**
 * Every whole drive of this machine, in bus order, with the reason why one is not usable; partitions and devices without
 * hardware (loop, RAM, device-mapper, RAID) are no drives and left out (spec/storage.md section 2).
 *
 * An entry that cannot be read is not usable, it never stops the survey. Rejects with the system error when class/block
 * itself cannot be listed.
 */
export async function surveyDrives(
  sysfsDirectory: string,
  ports: FindDrivesPorts,
): Promise<readonly DriveReport[]> {
  const names = await ports.files.readDirectoryText(`${sysfsDirectory}/class/block`);
  const reports: DriveReport[] = [];
  for (const name of names) {
    const report = await probeDrive(sysfsDirectory, name, ports);
    if (report !== undefined) reports.push(report);
  }
  const sorted = withOtherPaths(sortReports(reports), ports.log);
  ports.log.debug(
    0,
    `sorted drive list: [${usableDrives(sorted)
      .map((drive) => drive.name)
      .join(" ")}]`,
  );
  return sorted;
}

/** The drives that can be installed to. */
export function usableDrives(reports: readonly DriveReport[]): readonly Drive[] {
  return reports.flatMap(({ drive, reason }) => (drive === undefined || reason !== undefined ? [] : [drive]));
}

async function probeDrive(
  sysfsDirectory: string,
  name: string,
  { files, log }: FindDrivesPorts,
): Promise<DriveReport | undefined> {
  const raw = await readRawDrive(sysfsDirectory, name, files);
  const drive = describeDrive(raw);
  const verdict = parseDrive(raw);
  const skipped =
    "reason" in verdict
      ? verdict.reason
      : (await isReadable(verdict.drive.devicePath, files))
        ? undefined
        : "skipping unreadable device";
  if (skipped !== undefined) log.debug(2, `${skipped}: ${name}`);
  else if (drive !== undefined) log.debug(1, formatFound(drive));
  if (raw.isPartition || !raw.isDevice) return undefined;
  return {
    name,
    drive,
    reason: skipped?.replace(/^skipping /, ""),
    removable: raw.removable?.trim() === "1",
    readOnly: raw.readOnly?.trim() === "1",
  };
}

/** As the original's log has it: both units truncated. */
function formatFound({ name, sizeBytes, busLocation }: Drive): string {
  const gibibytes = Math.floor(sizeBytes / 2 ** 30);
  const gigabytes = Math.floor(sizeBytes / 1e9);
  return `found: ${name} ${gibibytes} GiB (${gigabytes} GB) at ${busLocation}`;
}

/** Empty card readers and failing drives show a size but cannot be read. */
async function isReadable(devicePath: string, files: FindDrivesPorts["files"]): Promise<boolean> {
  try {
    return (await files.readHead(devicePath, SECTOR_BYTES)).byteLength === SECTOR_BYTES;
  } catch {
    return false;
  }
}

/** In bus order; those without a place come last. */
function sortReports(reports: readonly DriveReport[]): readonly DriveReport[] {
  const byName = new Map(reports.map((report) => [report.name, report]));
  const sorted = sortByBusLocation(reports.flatMap(({ drive }) => drive ?? []));
  return [
    ...sorted.flatMap(({ name }) => byName.get(name) ?? []),
    ...reports.filter(({ drive }) => drive === undefined),
  ];
}

function withOtherPaths(reports: readonly DriveReport[], log: Logger): readonly DriveReport[] {
  const kept: Drive[] = [];
  return reports.map((report) => {
    const { drive, reason } = report;
    if (drive === undefined || reason !== undefined) return report;
    const other = findOtherPath(drive, kept);
    if (other === undefined) {
      kept.push(drive);
      return report;
    }
    log.warn(`skipping ${drive.name} (${formatBytes(drive.sizeBytes)}): second path to ${other.name}`);
    return { ...report, reason: `second path to ${other.name}`, otherPathOf: other.name };
  });
}
