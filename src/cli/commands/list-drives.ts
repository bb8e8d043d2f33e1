import { InstallerError } from "../../core/errors.ts";
import { findDrives } from "../../storage/drives/find-drives.ts";
import { formatDriveJson, formatDriveTable } from "../../storage/drives/format-drives.ts";
import { inspectDrives, withContents } from "../../storage/drives/inspect-drives.ts";
import type { DriveReport } from "../../storage/drives/survey-drives.ts";
import type { CommandContext } from "../command.ts";
import type { ListDrivesFlags } from "../flags/drive-flags.ts";
import { writeOutput } from "../write-output.ts";

/** The usable drives, one kernel name a line, in bus order; with a flag all whole drives and what is known about them. */
export async function run(
  context: CommandContext,
  _args: readonly string[],
  own: ListDrivesFlags,
): Promise<number> {
  if (own.json && own.table) throw new InstallerError("E_USAGE", "-json and -table exclude each other");
  await writeOutput(
    context.stdout,
    own.json || own.table ? await describeAll(context, own) : await listNames(context),
  );
  return 0;
}

async function listNames({ flags, log, openHost }: CommandContext): Promise<string> {
  const { files } = await openHost();
  const drives = await findDrives(flags.sysfsDirectory, { files, log });
  return drives.map(({ name }) => `${name}\n`).join("");
}

async function describeAll({ flags, log, openHost }: CommandContext, own: ListDrivesFlags): Promise<string> {
  const { files, mounts } = await openHost();
  const { sysfsDirectory, procDirectory } = flags;
  const environment = { files, mounts, log, sysfsDirectory, procDirectory };
  const reports: DriveReport[] = [];
  for (const report of await inspectDrives([flags.mountPoint, flags.tmpRoot], environment))
    reports.push(await withContents(report, environment));
  return own.json ? formatDriveJson(reports) : formatDriveTable(reports);
}
