import { readPartitionNames } from "../drives/drive-partitions.ts";
import type { Drive } from "../drives/drives.ts";
import type { StorageEnvironment } from "../environment.ts";
import {
  type HolderTree,
  parseContainer,
  parseDeviceKind,
  parseMappingKind,
  type StackedDevice,
} from "./device-stack.ts";

type SysfsEnvironment = Pick<StorageEnvironment, "files" | "sysfsDirectory">;

/**
 * Everything that is built on a drive, however high: partitions, RAID arrays, logical volumes, encrypted volumes. What
 * cannot be read is taken for absent: the kernel has the last word when the drive is to be used.
 */
export async function readHolderTree(drive: Drive, environment: SysfsEnvironment): Promise<HolderTree> {
  const devices = new Map<string, StackedDevice>();
  const pending = [{ name: drive.name, parent: undefined as string | undefined }];
  for (const { name, parent } of pending) {
    if (devices.has(name)) continue;
    const device = await readStackedDevice(name, parent, drive, environment);
    devices.set(name, device);
    const partitions = await readPartitionNames(name, environment);
    pending.push(
      ...partitions.map((partition) => ({ name: partition, parent: name })),
      ...device.holders.map((holder) => ({ name: holder, parent: undefined })),
    );
  }
  return { drive, devices: [...devices.values()] };
}

async function readStackedDevice(
  name: string,
  parent: string | undefined,
  drive: Drive,
  environment: SysfsEnvironment,
): Promise<StackedDevice> {
  const directory = `${environment.sysfsDirectory}/class/block/${name}`;
  const read = async (attribute: string) => readAttribute(`${directory}/${attribute}`, environment);
  const mappingName = await read("dm/name");
  const byName = parseDeviceKind(name, parent !== undefined);
  const kind = mappingName === "" ? byName : parseMappingKind(await read("dm/uuid"));
  return {
    name,
    kind: name === drive.name ? "drive" : kind,
    deviceNumber: await read("dev"),
    mappingName,
    raidLevel: kind === "raid" ? await read("md/level") : "",
    holders: await readNames(`${directory}/holders`, environment),
    slaves: await readNames(`${directory}/slaves`, environment),
    parent: parent ?? parseContainer(await read("md/metadata_version")),
    drives: await readDrivesBelow(name, drive.name, environment),
  };
}

/**
 * The whole drives that a device lies on. The members of a multipath map are one drive: `driveName` if it is among them.
 */
async function readDrivesBelow(
  name: string,
  driveName: string,
  environment: SysfsEnvironment,
): Promise<readonly string[]> {
  const directory = `${environment.sysfsDirectory}/class/block/${name}`;
  if (await environment.files.exists(`${directory}/partition`)) {
    // The class entry is a link into the directory of the drive that the partition belongs to.
    const path = await environment.files.realPath(directory).catch(() => directory);
    const parent = path.split("/").at(-2) ?? "";
    return parent === "block" ? [] : readDrivesBelow(parent, driveName, environment);
  }
  const slaves = await readNames(`${directory}/slaves`, environment);
  if (slaves.length === 0) return [name];
  const isMultipath =
    parseMappingKind(await readAttribute(`${directory}/dm/uuid`, environment)) === "multipath";
  if (isMultipath) return slaves.includes(driveName) ? [driveName] : slaves.slice(0, 1);
  const below = await Promise.all(
    slaves.map(async (slave) => readDrivesBelow(slave, driveName, environment)),
  );
  return [...new Set(below.flat())].sort();
}

/** "" when absent: kinds of devices differ in what they show. */
async function readAttribute(path: string, { files }: SysfsEnvironment): Promise<string> {
  return (await files.readText(path).catch(() => "")).trim();
}

/** Names in a directory; none when it is not there. */
async function readNames(path: string, { files }: SysfsEnvironment): Promise<readonly string[]> {
  return files.readDirectoryText(path).catch(() => []);
}
