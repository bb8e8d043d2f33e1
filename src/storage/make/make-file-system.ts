import { InstallerError } from "../../core/errors.ts";
import type { Command } from "../../system/commands.ts";
import type { StorageEnvironment } from "../environment.ts";
import { deviceName, type FileSystemPlan, fileSystemDevice, type Volume } from "../plan/plan.ts";
import { inRoot } from "../tool-command.ts";
import { waitUntil } from "../wait-until.ts";
import { readBlockDeviceSize } from "./block-device-size.ts";
import { eraseEnds } from "./erase.ts";
import { makeLuksVolume } from "./luks.ts";

const DEVICE_TIMEOUT_MS = 5000;

/** Inode tables are written at once, not lazily: hours on a slow drive of many terabytes. */
const MKFS_TIMEOUT_MS = 6 * 3_600_000;

type FileSystemEnvironment = Pick<
  StorageEnvironment,
  "commands" | "files" | "clock" | "signal" | "toolsRoot" | "sysfsDirectory"
>;

/** The mkfs command for a volume (spec/storage.md section 8.2.1). */
export function renderMakeFileSystem(volume: Volume): Command {
  const [program, ...options] = renderOptions(volume.fileSystem);
  return { program, args: [...options, fileSystemDevice(volume)], timeoutMs: MKFS_TIMEOUT_MS };
}

/**
 * Makes a device ready to be formatted: waits for its node, removes what an earlier owner left at its ends, and encrypts
 * it if planned. Rejects with E_DEVICE_TIMEOUT, E_DRIVE_ERASE or the command's error.
 */
export async function prepareVolume(
  volume: Volume,
  discarded: boolean,
  environment: FileSystemEnvironment,
): Promise<void> {
  await waitForDevice(volume.devicePath, environment);
  // The partitioner may have rounded the planned size, and the true end is where old RAID signatures are.
  const sizeBytes = await readBlockDeviceSize(deviceName(volume), environment);
  await eraseEnds(volume.devicePath, sizeBytes ?? volume.sizeBytes, environment);
  if (!volume.encrypted) return;
  await makeLuksVolume(volume, discarded, environment);
  await waitForDevice(fileSystemDevice(volume), environment);
}

/** Makes the file-system on a prepared volume. Rejects with E_MAKE_FILE_SYSTEM. */
export async function makeFileSystem(
  volume: Volume,
  { commands, signal, toolsRoot }: Pick<StorageEnvironment, "commands" | "signal" | "toolsRoot">,
): Promise<void> {
  try {
    await commands.run(inRoot(renderMakeFileSystem(volume), toolsRoot), signal);
  } catch (error) {
    signal.throwIfAborted();
    const mapping = volume.encrypted ? ` (${fileSystemDevice(volume)})` : "";
    const what = `formatting ${volume.devicePath}${mapping} as ${volume.fileSystem.type}`;
    throw new InstallerError("E_MAKE_FILE_SYSTEM", what, { cause: error });
  }
}

/** Program and options, all but the device. */
function renderOptions(fileSystem: FileSystemPlan): readonly [program: string, ...options: string[]] {
  const { type, label, uuid } = fileSystem;
  /** The option that sets the identifier, where there is one to set. */
  const withId = (format: (id: string) => readonly string[]) => (uuid === undefined ? [] : format(uuid));
  switch (type) {
    case "ext4":
      return ["mkfs.ext4", ...renderExt4Options(fileSystem), ...withId((id) => ["-U", id])];
    case "vfat":
      return ["mkfs.vfat", "--codepage=437", "-n", label, ...withId((id) => ["-i", id.replace("-", "")])];
    case "xfs":
      return ["mkfs.xfs", "-f", "-L", label, ...withId((id) => ["-m", `uuid=${id}`])];
    case "btrfs":
      return ["mkfs.btrfs", "-f", "-L", label, ...withId((id) => ["-U", id])];
    case "swap":
      return ["mkswap", "-L", label, ...withId((id) => ["-U", id])];
  }
}

function renderExt4Options(fileSystem: FileSystemPlan): readonly string[] {
  const { bytesPerInode, reservedBlocksPercentage, rootUserId, rootGroupId, label } = fileSystem;
  const owner = rootUserId === 0 && rootGroupId === 0 ? "" : `,root_owner=${rootUserId}:${rootGroupId}`;
  return [
    ...(bytesPerInode === undefined ? [] : ["-i", String(bytesPerInode)]),
    ...(reservedBlocksPercentage === undefined ? [] : ["-m", String(reservedBlocksPercentage)]),
    "-L",
    label,
    "-E",
    `lazy_itable_init=0,lazy_journal_init=0${owner}`,
  ];
}

async function waitForDevice(
  devicePath: string,
  { files, clock, signal }: Pick<StorageEnvironment, "files" | "clock" | "signal">,
): Promise<void> {
  let looks = 0;
  const found = await waitUntil(
    async (attempt) => {
      looks = attempt;
      return (await isBlockDevice(devicePath, files)) ? devicePath : undefined;
    },
    { clock, signal, timeoutMs: DEVICE_TIMEOUT_MS },
  );
  if (found === undefined)
    throw new InstallerError(
      "E_DEVICE_TIMEOUT",
      `timed out waiting for partition, ${looks} opens: ${devicePath}`,
    );
}

async function isBlockDevice(path: string, files: StorageEnvironment["files"]): Promise<boolean> {
  try {
    // Reading proves that the driver answers; a node alone may be there before that.
    return (await files.stat(path)).type === "block" && (await files.readHead(path, 512)).byteLength === 512;
  } catch {
    return false;
  }
}
