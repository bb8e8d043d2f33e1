import { messageChain } from "../../core/errors.ts";
import type { FileSystem, FileType } from "../../system/files.ts";
import type { StorageEnvironment } from "../environment.ts";
import type { StoragePlan } from "../plan/plan.ts";
import { removeMounts } from "../target/unmount.ts";
import { findOldRootCandidates, type OldRootCandidate } from "./old-root-candidates.ts";
import type { OldFileSystemType } from "./probe-file-system.ts";

/** The mounted root of the system that is about to be replaced; nothing on it can be changed. */
export interface OldRoot {
  readonly devicePath: string;
  readonly type: OldFileSystemType;
  /** Directory that was `/`. */
  readonly path: string;
}

/**
 * Options that keep each file-system from replaying its journal, in the order in which they are tried (ext4(5), xfs(5),
 * btrfs(5)). `errors=continue`: the superblock of an old disk must not be able to ask for a panic. The last one for btrfs is
 * for kernels without `rescue`; the device refuses writes, so a log that would have to be replayed fails the mount.
 */
const MOUNT_OPTIONS: Readonly<Record<OldFileSystemType, readonly string[]>> = {
  ext4: ["noload,errors=continue"],
  xfs: ["norecovery,nouuid"],
  btrfs: ["rescue=nologreplay", ""],
};

/** Where distributions keep `/` in a file-system: at its top, or in a btrfs subvolume (openSUSE, Ubuntu; Debian). */
const ROOT_DIRECTORIES = ["", "/@", "/@rootfs"];

const TEMPORARY_DIRECTORY = "/tmp";

/**
 * Looks for the root of an old system on the boot drive of `plan` and calls `use` with the first one; false when there is
 * none, which is no error. Not one byte of the drive changes, and everything is as it was when the promise settles. Rejects
 * with what `use` rejects with.
 */
export async function withOldRoot(
  plan: StoragePlan,
  environment: StorageEnvironment,
  use: (root: OldRoot) => Promise<void>,
): Promise<boolean> {
  for (const candidate of await findOldRootCandidates(plan, environment)) {
    environment.signal.throwIfAborted();
    if (await useCandidate(candidate, environment, use)) return true;
  }
  return false;
}

async function useCandidate(
  candidate: OldRootCandidate,
  environment: StorageEnvironment,
  use: (root: OldRoot) => Promise<void>,
): Promise<boolean> {
  const { devicePath, type } = candidate;
  const { files, log } = environment;
  await using cleanup = new AsyncDisposableStack();
  if (!candidate.readOnly && !(await refuseWrites(devicePath, environment, cleanup))) return false;
  const mountPoint = await mountReadOnly(candidate, environment, cleanup);
  if (mountPoint === undefined) return false;
  const path = await findRootDirectory(mountPoint, files);
  if (path === undefined) {
    log.debug(1, `no old root on ${devicePath}: it has no /etc with /bin or /usr beside it`);
    return false;
  }
  log.debug(1, `found old root on ${devicePath} (${type})`);
  await use({ devicePath, type, path });
  return true;
}

/**
 * Makes the kernel refuse every write to the device until the clean-up. A read-only mount alone does not: ext4 writes its
 * superblock when it meets an error (fs/ext4/super.c, ext4_handle_error), and old disks have errors.
 */
async function refuseWrites(
  devicePath: string,
  environment: StorageEnvironment,
  cleanup: AsyncDisposableStack,
): Promise<boolean> {
  const { commands, log, signal } = environment;
  try {
    await commands.run({ program: "blockdev", args: ["--setro", devicePath] }, signal);
  } catch (error) {
    signal.throwIfAborted();
    log.warn(
      `not looking for an old root on ${devicePath}: it cannot be protected from writes: ${messageChain(error)}`,
    );
    return false;
  }
  deferOrWarn(cleanup, environment, `allowing writes to ${devicePath}`, async (signalOfCleanup) => {
    await commands.run({ program: "blockdev", args: ["--setrw", devicePath] }, signalOfCleanup);
  });
  return true;
}

/** Its mount point; undefined when the device cannot be mounted. */
async function mountReadOnly(
  { devicePath, type }: OldRootCandidate,
  environment: StorageEnvironment,
  cleanup: AsyncDisposableStack,
): Promise<string | undefined> {
  const { files, mounts, log } = environment;
  const target = await files.makeTemporaryDirectory(TEMPORARY_DIRECTORY, "installer-oldroot-");
  deferOrWarn(cleanup, environment, `removing ${target}`, async () => files.removeDirectory(target));
  for (const data of MOUNT_OPTIONS[type]) {
    try {
      await mounts.mount({ source: devicePath, target, type, readOnly: true, untrusted: true, data });
      deferOrWarn(cleanup, environment, `unmounting the old root ${devicePath}`, async (signal) =>
        removeMounts(target, { ...environment, signal }),
      );
      return target;
    } catch (error) {
      log.debug(1, `no old root on ${devicePath}: mounting as ${type} (${data}): ${messageChain(error)}`);
    }
  }
  return undefined;
}

/** Cleaning up goes on after a failure and after an interruption. */
function deferOrWarn(
  cleanup: AsyncDisposableStack,
  { log }: StorageEnvironment,
  what: string,
  action: (signal: AbortSignal) => Promise<void>,
): void {
  cleanup.defer(async () => {
    try {
      await action(new AbortController().signal);
    } catch (error) {
      log.warn(`${what}: ${messageChain(error)}`);
    }
  });
}

async function findRootDirectory(mountPoint: string, files: FileSystem): Promise<string | undefined> {
  for (const below of ROOT_DIRECTORIES) {
    const path = `${mountPoint}${below}`;
    // A link could lead out of the old system.
    if ((await typeOf(`${path}/etc`, files)) !== "directory") continue;
    if ((await typeOf(`${path}/bin`, files)) ?? (await typeOf(`${path}/usr`, files))) return path;
  }
  return undefined;
}

/** Undefined when it is not there or, on a damaged disk, cannot be looked at. */
async function typeOf(path: string, files: FileSystem): Promise<FileType | undefined> {
  return files.lstat(path).then(
    ({ type }) => type,
    () => undefined,
  );
}
