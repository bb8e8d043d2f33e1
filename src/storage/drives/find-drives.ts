import type { Drive } from "./drives.ts";
import { type FindDrivesPorts, surveyDrives, usableDrives } from "./survey-drives.ts";

/** All drives of this machine that could be installed to, in bus order; see surveyDrives. */
export async function findDrives(sysfsDirectory: string, ports: FindDrivesPorts): Promise<readonly Drive[]> {
  return usableDrives(await surveyDrives(sysfsDirectory, ports));
}
