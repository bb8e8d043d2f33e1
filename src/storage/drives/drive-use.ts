import { hasCode, InstallerError } from "../../core/errors.ts";
import type { StorageEnvironment } from "../environment.ts";
import { isBelowOrSame } from "../plan/mount-points.ts";
import { inRoot } from "../tool-command.ts";
import type { Drive } from "./drives.ts";

/** A drive or one of its partitions, as sysfs has it. */
export interface BlockDevice {
  readonly name: string;
  /** `8:1` */
  readonly deviceNumber: string;
  /** Device-mapper and RAID devices built on it. */
  readonly holders: readonly string[];
}

export interface MountedFileSystem {
  readonly mountPoint: string;
  /** The mount table's source with links resolved. */
  readonly source: string;
  /** Device number of the mount point itself; tells when the source is only called `/dev/root`. */
  readonly deviceNumber: string | undefined;
}

export interface DriveUse {
  /** For people: `/dev/sda1 is mounted on /`. */
  readonly text: string;
  /** Set when the use is a mount. */
  readonly mountPoint: string | undefined;
}

type UseEnvironment = Pick<StorageEnvironment, "files" | "mounts" | "sysfsDirectory" | "procDirectory">;

/** Everything that keeps a drive busy, given the state of the machine. */
export function findUses(
  devices: readonly BlockDevice[],
  mounted: readonly MountedFileSystem[],
  swaps: readonly string[],
): readonly DriveUse[] {
  return devices.flatMap(({ name, deviceNumber, holders }) => {
    const path = `/dev/${name}`;
    const mountsOfIt = mounted.filter(
      (mount) => mount.source === path || (mount.deviceNumber === deviceNumber && deviceNumber !== ""),
    );
    return [
      ...mountsOfIt.map(({ mountPoint }) => ({ text: `${path} is mounted on ${mountPoint}`, mountPoint })),
      ...swaps
        .filter((swap) => swap === path)
        .map(() => ({ text: `${path} is used as swap`, mountPoint: undefined })),
      ...holders.map((holder) => ({ text: `${path} is held by ${holder}`, mountPoint: undefined })),
    ];
  });
}

/** Device paths in the text of /proc/swaps. */
export function parseSwaps(text: string): readonly string[] {
  return text
    .split("\n")
    .slice(1)
    .flatMap((line) => line.split(/\s/)[0] ?? [])
    .filter((path) => path.startsWith("/"));
}

/** `major:minor` of a Linux device number in its 64-bit form. */
export function formatDeviceNumber(device: bigint): string {
  const major = ((device >> 8n) & 0xfffn) | ((device >> 32n) & ~0xfffn);
  const minor = (device & 0xffn) | ((device >> 12n) & ~0xffn & 0xffffffffn);
  return `${major}:${minor}`;
}

/**
 * `drives` without those that this system runs from: any with a file-system mounted outside `ownRoots`, the directories that
 * the installer itself mounts on. What an interrupted installation left mounted stays in: the order of the drives must not
 * shift because of it, and proveNotInUse will refuse it.
 */
export async function withoutBootedMedium(
  drives: readonly Drive[],
  ownRoots: readonly string[],
  environment: UseEnvironment & Pick<StorageEnvironment, "log">,
): Promise<readonly Drive[]> {
  const kept: Drive[] = [];
  for (const drive of drives) {
    const foreign = (await readUses(drive, environment)).find(
      ({ mountPoint }) =>
        mountPoint !== undefined && !ownRoots.some((root) => isBelowOrSame(mountPoint, root)),
    );
    if (foreign === undefined) kept.push(drive);
    else environment.log.info(`skipping drive in use: ${drive.name}: ${foreign.text}`);
  }
  return kept;
}

/** Rejects with E_DRIVE_IN_USE unless nothing uses any of `drives` (first safety rule); changes nothing on them. */
export async function proveNotInUse(
  drives: readonly Drive[],
  environment: UseEnvironment & Pick<StorageEnvironment, "commands" | "signal" | "toolsRoot">,
): Promise<void> {
  for (const drive of drives) {
    const uses = await readUses(drive, environment);
    if (uses.length > 0)
      throw new InstallerError(
        "E_DRIVE_IN_USE",
        `checking that ${drive.devicePath} is not in use: ${uses.map(({ text }) => text).join(", ")}`,
      );
    await proveExclusive(drive, environment);
  }
}

/** The kernel reads a partition table again only when nobody holds the drive, whatever the tables above say. */
async function proveExclusive(
  { devicePath }: Drive,
  { commands, signal, toolsRoot }: Pick<StorageEnvironment, "commands" | "signal" | "toolsRoot">,
): Promise<void> {
  try {
    await commands.run(inRoot({ program: "blockdev", args: ["--rereadpt", devicePath] }, toolsRoot), signal);
  } catch (error) {
    signal.throwIfAborted();
    // A tools image without blockdev served the original; the tables above have been looked at.
    if (hasCode(error, "E_COMMAND_NOT_FOUND")) return;
    throw new InstallerError("E_DRIVE_IN_USE", `checking that ${devicePath} is not in use`, { cause: error });
  }
}

async function readUses(drive: Drive, environment: UseEnvironment): Promise<readonly DriveUse[]> {
  return findUses(
    await readBlockDevices(drive, environment),
    await readMounted(environment),
    await readSwaps(environment),
  );
}

/** The drive itself and its partitions. */
async function readBlockDevices(
  drive: Drive,
  { files, sysfsDirectory }: Pick<StorageEnvironment, "files" | "sysfsDirectory">,
): Promise<readonly BlockDevice[]> {
  const directory = `${sysfsDirectory}/class/block/${drive.name}`;
  const devices = [await readBlockDevice(drive.name, directory, files)];
  for (const name of await readNames(directory, files)) {
    if (name.startsWith(drive.name) && (await files.exists(`${directory}/${name}/partition`)))
      devices.push(await readBlockDevice(name, `${directory}/${name}`, files));
  }
  return devices;
}

async function readBlockDevice(
  name: string,
  directory: string,
  files: StorageEnvironment["files"],
): Promise<BlockDevice> {
  const deviceNumber = await files.readText(`${directory}/dev`).catch(() => "");
  return {
    name,
    deviceNumber: deviceNumber.trim(),
    holders: await readNames(`${directory}/holders`, files),
  };
}

/** Names in a directory; none when it is not there. */
async function readNames(directory: string, files: StorageEnvironment["files"]): Promise<readonly string[]> {
  return files.readDirectoryText(directory).catch(() => []);
}

async function readMounted({
  files,
  mounts,
}: Pick<StorageEnvironment, "files" | "mounts">): Promise<readonly MountedFileSystem[]> {
  const entries = await mounts.read();
  return Promise.all(
    entries.map(async ({ source, mountPoint }) => ({
      mountPoint,
      source: source.startsWith("/dev/") ? await files.realPath(source).catch(() => source) : source,
      deviceNumber: await files.stat(mountPoint).then(
        (status) => formatDeviceNumber(status.device),
        () => undefined,
      ),
    })),
  );
}

async function readSwaps({
  files,
  procDirectory,
}: Pick<StorageEnvironment, "files" | "procDirectory">): Promise<readonly string[]> {
  // A kernel without swap has no such file.
  return parseSwaps(await files.readText(`${procDirectory}/swaps`).catch(() => ""));
}
