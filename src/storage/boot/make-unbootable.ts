import { InstallerError, messageChain } from "../../core/errors.ts";
import type { StorageEnvironment } from "../environment.ts";
import { writeRefusingBootCode } from "../make/refusing-boot-code.ts";
import type { StoragePlan, Volume } from "../plan/plan.ts";

/** Boot sector, its copy and the first allocation table: without them no firmware finds a FAT file-system. */
const FAT_HEAD_BYTES = 64 * 1024;

type UnbootableEnvironment = Pick<StorageEnvironment, "files" | "mounts" | "log">;

/**
 * Runs `action`, which writes boot code or comes after it. When it fails, the boot drive is made unbootable again: an
 * installation that failed must not come up as if it had succeeded (second safety rule). Rejects with the action's error.
 */
export async function orMakeUnbootable<T>(
  plan: StoragePlan,
  environment: UnbootableEnvironment,
  action: () => Promise<T>,
): Promise<T> {
  try {
    return await action();
  } catch (error) {
    await makeUnbootable(plan, environment);
    throw error;
  }
}

/** Takes the boot code away, whatever state mounts and file-systems are in. Never rejects: there is a better error already. */
async function makeUnbootable(plan: StoragePlan, environment: UnbootableEnvironment): Promise<void> {
  const { log } = environment;
  const { devicePath } = plan.bootDrive.drive;
  try {
    if (plan.firmware === "efi") await removeEfiLoader(plan, environment);
    else await writeRefusingBootCode(devicePath, environment);
    log.warn(`made ${devicePath} unbootable, because the installation did not end well`);
  } catch (error) {
    log.error(`${devicePath} may boot although the installation failed: ${messageChain(error)}`);
  }
}

/**
 * While the EFI partition is mounted, its default loader is deleted: a write to the device behind the file-system's back
 * could be undone by the unmounting. When that fails, or nothing is mounted any more, the file-system itself goes.
 */
async function removeEfiLoader(
  plan: StoragePlan,
  { files, mounts, log }: UnbootableEnvironment,
): Promise<void> {
  const volume = efiVolume(plan);
  const mounted = (await mounts.read()).findLast(({ source }) => source === volume.devicePath);
  if (mounted !== undefined) {
    try {
      await files.removeTree(`${mounted.mountPoint}/EFI/BOOT`);
      await files.syncFileSystem(mounted.mountPoint);
      return;
    } catch (error) {
      log.warn(`removing the boot loader from ${volume.devicePath}: ${messageChain(error)}`);
    }
  }
  await files.writeAt(volume.devicePath, 0, new Uint8Array(FAT_HEAD_BYTES));
}

function efiVolume({ bootDrive }: StoragePlan): Volume {
  const volume = bootDrive.partitions.find(({ number }) => number === bootDrive.bootPartition)?.volume;
  if (volume !== undefined) return volume;
  throw new InstallerError("E_BUG", `the plan for ${bootDrive.drive.devicePath} has no EFI partition`);
}
