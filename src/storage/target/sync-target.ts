import { InstallerError } from "../../core/errors.ts";
import type { StorageEnvironment } from "../environment.ts";
import { targetPath } from "../plan/mount-points.ts";
import { bootDriveVolumes, type StoragePlan } from "../plan/plan.ts";

/**
 * Syncs each of the target's mounted file-systems, which reports writes that were lost, and then everything else. Rejects
 * with E_TARGET_WRITE.
 */
export async function syncTarget(
  plan: StoragePlan,
  targetRoot: string,
  { files, mounts }: Pick<StorageEnvironment, "files" | "mounts">,
): Promise<void> {
  const mounted = new Set((await mounts.read()).map(({ mountPoint }) => mountPoint));
  for (const { fileSystem, devicePath } of bootDriveVolumes(plan)) {
    const path = targetPath(targetRoot, fileSystem.mountPoint);
    if (!mounted.has(path)) continue;
    try {
      await files.syncFileSystem(path);
    } catch (error) {
      throw new InstallerError("E_TARGET_WRITE", `syncing ${path} to ${devicePath}`, { cause: error });
    }
  }
  await files.syncAll();
}
