import { errnoOf, InstallerError } from "../../core/errors.ts";
import type { MountEntry } from "../../system/mounts.ts";
import type { StorageEnvironment } from "../environment.ts";
import { closeLuksVolumes } from "../make/luks.ts";
import { isBelowOrSame } from "../plan/mount-points.ts";
import { type StoragePlan, volumesOf } from "../plan/plan.ts";
import { waitUntil } from "../wait-until.ts";

/** A program that has just ended may keep a file-system busy for a moment. */
const BUSY_TIMEOUT_MS = 5000;

type UnmountEnvironment = Pick<StorageEnvironment, "mounts" | "clock" | "signal">;

/** The mount points at and below `directory`, in the order in which they can be unmounted: the newest first. */
export function planUnmount(entries: readonly MountEntry[], directory: string): readonly string[] {
  return entries
    .map(({ mountPoint }) => mountPoint)
    .filter((mountPoint) => isBelowOrSame(mountPoint, directory))
    .toReversed();
}

/**
 * Syncs and unmounts the finished target, and closes the encrypted volumes of the plan (spec/storage.md section 9). Rejects
 * with E_UNMOUNT when a file-system stays busy, when it reports lost writes, or when no target is mounted.
 */
export async function unmountTarget(
  plan: StoragePlan,
  targetRoot: string,
  environment: StorageEnvironment,
): Promise<void> {
  const { files, mounts, toolsRoot } = environment;
  // The tools root may show the target as well.
  if (toolsRoot !== undefined) await removeMounts(`${toolsRoot}${targetRoot}`, environment);
  const targets = planUnmount(await mounts.read(), targetRoot);
  if (!targets.includes(targetRoot))
    throw new InstallerError("E_UNMOUNT", "did not find main mount point to unmount");
  await syncTarget(targetRoot, files);
  await removeMounts(targetRoot, environment);
  await closeLuksVolumes(volumesOf(plan), environment);
  await files.syncAll();
}

/** Unmounts everything at and below `directory`; fine when that is nothing. Rejects with E_UNMOUNT. */
export async function removeMounts(directory: string, environment: UnmountEnvironment): Promise<void> {
  for (const mountPoint of planUnmount(await environment.mounts.read(), directory))
    await unmount(mountPoint, environment);
}

async function syncTarget(targetRoot: string, files: StorageEnvironment["files"]): Promise<void> {
  try {
    await files.syncFileSystem(targetRoot);
  } catch (error) {
    throw new InstallerError("E_UNMOUNT", `syncing ${targetRoot}`, { cause: error });
  }
  await files.syncAll();
}

async function unmount(mountPoint: string, { mounts, clock, signal }: UnmountEnvironment): Promise<void> {
  let lastError: unknown;
  const done = await waitUntil(
    async () => {
      try {
        await mounts.unmount(mountPoint);
        return true;
      } catch (error) {
        if (errnoOf(error) !== "EBUSY")
          throw new InstallerError("E_UNMOUNT", `error unmounting: ${mountPoint}`, { cause: error });
        lastError = error;
        return undefined;
      }
    },
    { clock, signal, timeoutMs: BUSY_TIMEOUT_MS },
  );
  if (done === undefined)
    throw new InstallerError("E_UNMOUNT", `error unmounting: ${mountPoint}`, { cause: lastError });
}
