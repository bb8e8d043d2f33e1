import type { FileSystem } from "../../system/files.ts";

/** sysfs counts in this unit whatever the drive's sector size. */
const SYSFS_SECTOR_BYTES = 512;

/** Bytes of block device `name` as the kernel sees it now; undefined while it does not show the device. */
export async function readBlockDeviceSize(
  name: string,
  {
    files,
    sysfsDirectory,
  }: { readonly files: Pick<FileSystem, "readText">; readonly sysfsDirectory: string },
): Promise<number | undefined> {
  try {
    const sectors = Number(await files.readText(`${sysfsDirectory}/class/block/${name}/size`));
    return Number.isSafeInteger(sectors) && sectors > 0 ? sectors * SYSFS_SECTOR_BYTES : undefined;
  } catch {
    return undefined;
  }
}
