import { InstallerError } from "../../core/errors.ts";
import type { Drive } from "./drives.ts";

/** Names printed by a drive selector: one a line, the boot drive first; empty lines and `#` comments are dropped. */
export function parseDriveSelection(output: string): readonly string[] {
  return output.split("\n").filter((line) => line !== "" && !line.startsWith("#"));
}

/**
 * The drives to install to, the boot drive first: `names` of a drive selector, or all of them in bus order
 * (spec/storage.md section 3). Throws E_NO_DRIVES when that is none, E_DRIVE_SELECTION for a bad selection.
 */
export function selectDrives(
  drives: readonly Drive[],
  names: readonly string[] | undefined,
): readonly [Drive, ...Drive[]] {
  const selected = names === undefined ? drives : selectByName(drives, names);
  const [bootDrive, ...dataDrives] = selected;
  if (drives.length === 0) throw new InstallerError("E_NO_DRIVES", "no drives found");
  if (bootDrive === undefined)
    throw new InstallerError("E_DRIVE_SELECTION", "drive selector selected no drive");
  return [bootDrive, ...dataDrives];
}

function selectByName(drives: readonly Drive[], names: readonly string[]): readonly Drive[] {
  const byName = new Map(drives.map((drive) => [drive.name, drive]));
  const seen = new Set<string>();
  return names.map((name) => {
    const drive = byName.get(name);
    if (drive === undefined)
      throw new InstallerError("E_DRIVE_SELECTION", `cannot select non-existant drive: ${name}`);
    if (seen.has(name)) throw new InstallerError("E_DRIVE_SELECTION", `cannot select drive twice: ${name}`);
    seen.add(name);
    return drive;
  });
}
