import { errnoOf, InstallerError } from "../../core/errors.ts";
import type { MountEntry } from "../../system/mounts.ts";
import type { StorageEnvironment } from "../environment.ts";
import { closeLuksVolumes } from "../make/luks.ts";
import { isBelowOrSame } from "../plan/mount-points.ts";
import { type StoragePlan, type Volume, volumesOf } from "../plan/plan.ts";
import { waitUntil } from "../wait-until.ts";
import { syncTarget } from "./sync-target.ts";

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
 * with E_UNMOUNT when a file-system or mapping stays busy or no target is mounted, E_TARGET_WRITE when writes were lost.
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
  await syncTarget(plan, targetRoot, environment);
  await removeMounts(targetRoot, environment);
  for (const volume of volumesOf(plan)) await closeVolume(volume, environment);
  await files.syncAll();
}

async function closeVolume(volume: Volume, environment: StorageEnvironment): Promise<void> {
  try {
    await closeLuksVolumes([volume], environment);
  } catch (error) {
    throw new InstallerError("E_UNMOUNT", `closing the encrypted ${volume.devicePath}`, { cause: error });
  }
}

/** Unmounts everything at and below `directory`; fine when that is nothing. Rejects with E_UNMOUNT. */
export async function removeMounts(directory: string, environment: UnmountEnvironment): Promise<void> {
  for (const mountPoint of planUnmount(await environment.mounts.read(), directory))
    await unmount(mountPoint, environment);
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
