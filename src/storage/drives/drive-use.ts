import { hasCode, InstallerError } from "../../core/errors.ts";
import type { StorageEnvironment } from "../environment.ts";
import { isBelowOrSame } from "../plan/mount-points.ts";
import { describeDevice, type StackedDevice, stackedDevicePath } from "../release/device-stack.ts";
import { readHolderTree } from "../release/read-holder-tree.ts";
import { inRoot } from "../tool-command.ts";
import type { Drive } from "./drives.ts";
import { type MachineUse, readMachineUse } from "./machine-use.ts";

export interface DriveUse {
  /** For people: `/dev/sda1 is mounted on /`. */
  readonly text: string;
  /** Set when the use is a mount. */
  readonly mountPoint: string | undefined;
}

type UseEnvironment = Pick<StorageEnvironment, "files" | "mounts" | "sysfsDirectory" | "procDirectory">;

/** Everything that keeps a drive busy, given it and all that is built on it, and the state of the machine. */
export function findUses(
  devices: readonly StackedDevice[],
  { mounted, swaps }: MachineUse,
): readonly DriveUse[] {
  const byName = new Map(devices.map((device) => [device.name, device]));
  return devices.flatMap((device) => {
    const path = stackedDevicePath(device);
    const isOnIt = (source: string, numbers: readonly (string | undefined)[]) =>
      isDevicePath(device, source) || (device.deviceNumber !== "" && numbers.includes(device.deviceNumber));
    return [
      ...mounted
        .filter(({ source, deviceNumbers }) => isOnIt(source, deviceNumbers))
        .map(({ mountPoint }) => ({ text: `${path} is mounted on ${mountPoint}`, mountPoint })),
      ...swaps
        .filter((swap) => isOnIt(swap.path, [swap.deviceNumber]))
        .map((swap) => ({ text: `${path} is used as swap${swapFile(swap.path)}`, mountPoint: undefined })),
      ...device.holders.map((name) => {
        const holder = byName.get(name);
        const what = holder === undefined ? name : describeDevice(holder);
        return { text: `${path} is held by ${what}`, mountPoint: undefined };
      }),
    ];
  });
}

/** Whether a path of the mount table or of /proc/swaps, its links resolved or not, names `device`. */
function isDevicePath(device: StackedDevice, path: string): boolean {
  return path === `/dev/${device.name}` || path === stackedDevicePath(device);
}

function swapFile(path: string): string {
  return path.startsWith("/dev/") ? "" : ` (file ${path})`;
}

/**
 * For people, a mount outside `ownRoots` of `drive`, of one of its partitions, or of anything built on them (a logical
 * volume, an array): `/dev/sda1 is mounted on /`. This system runs from such a drive. `ownRoots` are the directories that the
 * installer itself mounts on: what an interrupted installation left there must not make the order of the drives shift, and
 * releaseDrives will unmount it.
 */
export async function findForeignMount(
  drive: Drive,
  ownRoots: readonly string[],
  environment: UseEnvironment,
): Promise<string | undefined> {
  const foreign = (await readUses(drive, environment)).find(
    ({ mountPoint }) => mountPoint !== undefined && !ownRoots.some((root) => isBelowOrSame(mountPoint, root)),
  );
  return foreign?.text;
}

/** Rejects with E_DRIVE_IN_USE unless nothing uses any of `drives` (first safety rule); changes nothing on them. */
export async function proveNotInUse(
  drives: readonly Drive[],
  environment: UseEnvironment & Pick<StorageEnvironment, "commands" | "signal" | "toolsRoot">,
): Promise<void> {
  for (const drive of drives) {
    const uses = await readUses(drive, environment);
    if (uses.length > 0) throw driveInUse(drive, uses);
    await proveExclusive(drive, environment);
  }
}

/** E_DRIVE_IN_USE with everything that uses the drive. */
export function driveInUse({ devicePath }: Drive, uses: readonly DriveUse[]): InstallerError {
  const what = uses.map(({ text }) => text).join(", ");
  return new InstallerError("E_DRIVE_IN_USE", `checking that ${devicePath} is not in use: ${what}`);
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
  const { devices } = await readHolderTree(drive, environment);
  return findUses(devices, await readMachineUse(environment));
}
