import { findDrives } from "../../storage/drives/find-drives.ts";
import type { CommandContext } from "../command.ts";
import { writeOutput } from "../write-output.ts";

/** The usable drives, one kernel name a line, in bus order. */
export async function run({ flags, log, stdout, openHost }: CommandContext): Promise<number> {
  const { files } = await openHost();
  const drives = await findDrives(flags.sysfsDirectory, { files, log });
  await writeOutput(stdout, drives.map(({ name }) => `${name}\n`).join(""));
  return 0;
}
