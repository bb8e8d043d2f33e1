import { errnoOf, InstallerError } from "../../core/errors.ts";
import type { StorageEnvironment } from "../environment.ts";
import { mountDepth, targetPath } from "../plan/mount-points.ts";
import {
  bootDriveVolumes,
  fileSystemDevice,
  type StoragePlan,
  type Volume,
  type VolumePurpose,
} from "../plan/plan.ts";
import { makeTargetDirectory } from "./target-path.ts";
import { removeMounts } from "./unmount.ts";

type MountEnvironment = Pick<StorageEnvironment, "files" | "mounts" | "log" | "clock" | "signal">;

/** Kernel file-systems that programs of the target need, and /tmp, where grub-install works. */
const SYSTEM_DIRECTORIES = ["dev", "proc", "sys", "tmp"];

/** What stays unused until the installed system uses it. */
const LEFT_TO_THE_SYSTEM: readonly VolumePurpose[] = ["data", "swap"];

/**
 * The volumes that are mounted before the image is unpacked, outermost first. vfat is not among them: it cannot take owners
 * and links, and gets copies afterwards (mountCopiedVolumes). Data file-systems are left to the installed system.
 */
export function planEarlyMounts(plan: StoragePlan): readonly Volume[] {
  return byDepth(
    bootDriveVolumes(plan).filter(
      ({ purpose, fileSystem }) => !LEFT_TO_THE_SYSTEM.includes(purpose) && fileSystem.type !== "vfat",
    ),
  );
}

/** The volumes that are mounted after unpacking, outermost first. */
export function planCopiedMounts(plan: StoragePlan): readonly Volume[] {
  return byDepth(
    bootDriveVolumes(plan).filter(
      ({ purpose, fileSystem }) => !LEFT_TO_THE_SYSTEM.includes(purpose) && fileSystem.type === "vfat",
    ),
  );
}

/**
 * Mounts the root on `targetRoot` and the other file-systems below it. `cleanup` unmounts whatever is still mounted at or
 * below `targetRoot` when it is disposed of. Rejects with E_MOUNT.
 */
export async function mountTarget(
  plan: StoragePlan,
  targetRoot: string,
  environment: MountEnvironment,
  cleanup: AsyncDisposableStack,
): Promise<void> {
  await environment.files.makeDirectory(targetRoot, { parents: true });
  cleanup.defer(async () =>
    removeMounts(targetRoot, { ...environment, signal: new AbortController().signal }),
  );
  for (const volume of planEarlyMounts(plan)) {
    const { mountPoint } = volume.fileSystem;
    if (mountPoint !== "/") await makeTargetDirectory(targetRoot, mountPoint, environment.files);
    await mountVolume(volume, targetPath(targetRoot, mountPoint), environment);
  }
}

/** Binds /dev, /proc, /sys and /tmp into a root, so that its programs can be run in it. Rejects with E_MOUNT. */
export async function mountSystemDirectories(
  root: string,
  { files, mounts }: Pick<StorageEnvironment, "files" | "mounts">,
): Promise<void> {
  for (const name of SYSTEM_DIRECTORIES) {
    const target = await makeTargetDirectory(root, name, files);
    try {
      await mounts.bind(`/${name}`, target);
    } catch (error) {
      throw new InstallerError("E_MOUNT", `binding /${name} on ${target}`, { cause: error });
    }
  }
}

/** What EFI firmware starts without being told to, as paths in an EFI partition. */
const DEFAULT_EFI_LOADER = /^\/efi\/(boot\/boot\w*|microsoft\/boot\/bootmgfw)\.efi$/i;

/**
 * After unpacking: copies what the image has at the mount point of each vfat volume (such as an EFI partition that is also
 * `/boot`) into it, and mounts it there. Files and directories only, vfat has nothing else (spec/storage.md 8.5). An EFI boot
 * loader of the image is left out: with it the drive could boot before the installation is complete. Rejects with E_MOUNT,
 * E_UNMOUNT, E_TARGET_PATH or E_TARGET_WRITE.
 */
export async function mountCopiedVolumes(
  plan: StoragePlan,
  targetRoot: string,
  environment: MountEnvironment,
): Promise<void> {
  const { files } = environment;
  for (const volume of planCopiedMounts(plan)) {
    const directory = await makeTargetDirectory(targetRoot, volume.fileSystem.mountPoint, files);
    const scratch = await files.makeTemporaryDirectory("/tmp", "installer-");
    await mountVolume(volume, scratch, environment);
    try {
      await copyPlainTree({ from: Buffer.from(directory), to: Buffer.from(scratch), path: "" }, environment);
    } catch (error) {
      const isFull = errnoOf(error) === "ENOSPC" ? { hint: `make the partition of ${directory} larger` } : {};
      if (error instanceof InstallerError) throw error;
      const what = `copying ${directory} to ${volume.devicePath}`;
      throw new InstallerError("E_TARGET_WRITE", what, { cause: error, ...isFull });
    } finally {
      // Also after an abort, which would stop the usual environment from waiting for a busy file-system.
      await removeMounts(scratch, { ...environment, signal: new AbortController().signal });
      await files.removeDirectory(scratch);
    }
    await mountVolume(volume, directory, environment);
  }
}

/** Makes the mount points of all volumes that have one in the target, those of the data file-systems too (0755, E_TARGET_PATH). */
export async function makeMountPoints(
  volumes: readonly Volume[],
  targetRoot: string,
  { files }: Pick<StorageEnvironment, "files">,
): Promise<void> {
  for (const { fileSystem } of byDepth(volumes.filter(({ purpose }) => purpose !== "swap")))
    await makeTargetDirectory(targetRoot, fileSystem.mountPoint, files);
}

/** A file-system is mounted after the one that its mount point lies in: `/var/log` after `/var`. */
function byDepth(volumes: readonly Volume[]): readonly Volume[] {
  return volumes.toSorted(
    (a, b) => mountDepth(a.fileSystem.mountPoint) - mountDepth(b.fileSystem.mountPoint),
  );
}

async function mountVolume(
  volume: Volume,
  target: string,
  { mounts, log }: Pick<StorageEnvironment, "mounts" | "log">,
): Promise<void> {
  const source = fileSystemDevice(volume);
  try {
    await mounts.mount({ source, target, type: volume.fileSystem.type });
  } catch (error) {
    throw new InstallerError("E_MOUNT", `mounting ${source} on ${target}`, { cause: error });
  }
  log.debug(0, `mounted ${source} on ${target}`);
}

interface CopyPlace {
  readonly from: Buffer;
  readonly to: Buffer;
  /** Of the directory in the new file-system, "" for its root. */
  readonly path: string;
}

async function copyPlainTree(
  { from, to, path }: CopyPlace,
  environment: Pick<StorageEnvironment, "files" | "log" | "signal">,
): Promise<void> {
  const { files, log, signal } = environment;
  for (const name of await files.readDirectory(from)) {
    signal.throwIfAborted();
    const [source, copy] = [joinBytes(from, name), joinBytes(to, name)];
    const pathInside = `${path}/${name.toString("utf8")}`;
    const { type } = await files.lstat(source);
    if (type === "directory") {
      await files.makeDirectory(copy);
      await copyPlainTree({ from: source, to: copy, path: pathInside }, environment);
    } else if (DEFAULT_EFI_LOADER.test(pathInside))
      log.info(`not copied: ${source.toString("utf8")}, the drive must not boot yet`);
    else if (type === "file") await files.copyContent(source, copy);
    else log.warn(`not copied to a vfat file-system: ${type} ${source.toString("utf8")}`);
  }
}

function joinBytes(directory: Buffer, name: Buffer): Buffer {
  return Buffer.concat([directory, Buffer.from("/"), name]);
}
