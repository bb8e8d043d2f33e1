import type { StorageEnvironment } from "../environment.ts";

/** A partition as the kernel has it now, whatever table it came from. */
export interface DrivePartition {
  /** Kernel name: `sda1`. */
  readonly name: string;
  readonly startBytes: number;
  readonly sizeBytes: number;
}

type SysfsEnvironment = Pick<StorageEnvironment, "files" | "sysfsDirectory">;

/** sysfs counts in this unit whatever the drive's sector size. */
const SYSFS_SECTOR_BYTES = 512;

/** Kernel names of the partitions of a drive, array or mapping; none when it is not there. */
export async function readPartitionNames(
  deviceName: string,
  { files, sysfsDirectory }: SysfsEnvironment,
): Promise<readonly string[]> {
  const directory = `${sysfsDirectory}/class/block/${deviceName}`;
  const names = await files.readDirectoryText(directory).catch(() => []);
  const partitions: string[] = [];
  for (const name of names)
    if (name.startsWith(deviceName) && (await files.exists(`${directory}/${name}/partition`)))
      partitions.push(name);
  return partitions;
}

/** The partitions that the kernel shows on a drive, in order of their start; what it no longer shows is left out. */
export async function readDrivePartitions(
  driveName: string,
  environment: SysfsEnvironment,
): Promise<readonly DrivePartition[]> {
  const names = await readPartitionNames(driveName, environment);
  const partitions = await Promise.all(names.map(async (name) => readDrivePartition(name, environment)));
  return partitions
    .filter((partition) => partition !== undefined)
    .toSorted((a, b) => a.startBytes - b.startBytes);
}

/** Where partition `name` lies now; undefined while the kernel does not show it. */
export async function readDrivePartition(
  name: string,
  { files, sysfsDirectory }: SysfsEnvironment,
): Promise<DrivePartition | undefined> {
  const directory = `${sysfsDirectory}/class/block/${name}`;
  try {
    const start = Number(await files.readText(`${directory}/start`));
    const size = Number(await files.readText(`${directory}/size`));
    if (!Number.isSafeInteger(start) || !Number.isSafeInteger(size) || size <= 0) return undefined;
    return { name, startBytes: start * SYSFS_SECTOR_BYTES, sizeBytes: size * SYSFS_SECTOR_BYTES };
  } catch {
    return undefined;
  }
}
