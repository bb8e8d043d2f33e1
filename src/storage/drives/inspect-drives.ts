import type { StorageEnvironment } from "../environment.ts";
import { findMembership, formatContents, readDriveContents } from "./drive-contents.ts";
import { findForeignMount } from "./drive-use.ts";
import { type DriveReport, surveyDrives } from "./survey-drives.ts";

type InspectEnvironment = Pick<
  StorageEnvironment,
  "files" | "mounts" | "log" | "sysfsDirectory" | "procDirectory"
>;

/**
 * Every whole drive of this machine as surveyDrives has it; one that this system runs from is not usable either: any with
 * a file-system mounted outside `ownRoots`, the directories that the installer itself mounts on, by whichever path.
 */
export async function inspectDrives(
  ownRoots: readonly string[],
  environment: InspectEnvironment,
): Promise<readonly DriveReport[]> {
  const reports = await surveyDrives(environment.sysfsDirectory, environment);
  const uses = new Map<string, string>();
  for (const { name, drive, reason, otherPathOf } of reports) {
    if (drive === undefined || (reason !== undefined && otherPathOf === undefined)) continue;
    const use = await findForeignMount(drive, ownRoots, environment);
    if (use !== undefined) uses.set(otherPathOf ?? name, use);
  }
  return reports.map((report) => {
    const use = uses.get(report.name);
    if (use === undefined) return report;
    environment.log.info(`skipping drive in use: ${report.name}: ${use}`);
    return { ...report, reason: `in use: ${use}` };
  });
}

/**
 * `report` with what the drive and its partitions carry, and what they are members of. A drive of which something cannot be
 * read counts as a member, so that nobody takes it for an empty one.
 */
export async function withContents(
  report: DriveReport,
  environment: InspectEnvironment,
): Promise<DriveReport> {
  if (report.drive === undefined || report.drive.sizeBytes === 0) return report;
  const contents = await readDriveContents(report.drive, environment);
  const isUnreadable = [contents.drive, ...contents.partitions].some(({ signatures }) =>
    signatures.some(({ type }) => type === "unreadable"),
  );
  const memberOf = findMembership(contents) ?? (isUnreadable ? "something that cannot be read" : undefined);
  return { ...report, contents: formatContents(contents), memberOf };
}
