import type { Meaning } from "./storage-meaning.ts";
import type { StorageExpectation, StorageVector } from "./storage-vector.ts";

const SECTORS_PER_MIB = 2048;
/** What the last partition needs at least to be of use, behind an encryption header. */
const SMALLEST_REST_MIB = 32;

/** The boot drive when its recorded partitions do not fit on it, and what they need; undefined when they fit. */
export function isTooSmall(
  vector: StorageVector,
  { selected, driveOrder }: StorageExpectation,
  meaning: Meaning,
): { readonly name: string; readonly neededSectors: number } | undefined {
  const name = selected?.[0] ?? driveOrder?.[0] ?? "";
  const table = meaning.drives.get(`/dev/${name}`)?.table;
  const drive = vector.drives.find((each) => each.name === name);
  if (table === undefined || drive === undefined) return undefined;
  const ends = table.partitions.map(({ start, end }) =>
    end === "end" ? Number(start) + SMALLEST_REST_MIB : Number(end),
  );
  const tailMebibytes = table.type === "gpt" ? 1 : 0;
  const neededSectors = (Math.max(...ends) + tailMebibytes) * SECTORS_PER_MIB;
  return neededSectors > Number(drive.sizeSectors) ? { name, neededSectors } : undefined;
}

/** The vector with a boot drive on which its layout fits. */
export function fitDrives(
  vector: StorageVector,
  { name, neededSectors }: { readonly name: string; readonly neededSectors: number },
): StorageVector {
  const drives = vector.drives.map((drive) =>
    drive.name === name ? { ...drive, sizeSectors: neededSectors + 1024 * SECTORS_PER_MIB } : drive,
  );
  return { ...vector, drives };
}

/** The vector with a boot drive (all drives, when none is named) large enough for any layout, but not for an MBR too large. */
export function withLargeDrives(vector: StorageVector, bootDrive: string | undefined): StorageVector {
  const drives = vector.drives.map((drive) =>
    Number(drive.sizeSectors) > 0 && drive.name === (bootDrive ?? drive.name)
      ? { ...drive, sizeSectors: 2 ** 31 }
      : drive,
  );
  return { ...vector, drives };
}
