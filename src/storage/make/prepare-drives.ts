import { concurrently } from "../concurrently.ts";
import type { StorageEnvironment } from "../environment.ts";
import { bootDriveVolumes, type DataDrivePlan, type StoragePlan, type Volume } from "../plan/plan.ts";
import { eraseDrive } from "./erase.ts";
import { makeFileSystem, prepareVolume } from "./make-file-system.ts";
import { makePartitions } from "./partition.ts";

type PrepareEnvironment = Omit<StorageEnvironment, "mounts" | "procDirectory">;

/**
 * Erases, partitions and formats all drives of the plan at the same time; the first failure stops the others. Call only
 * after proveNotInUse. Resolves with the kernel names of the drives that took a discard.
 */
export async function prepareDrives(
  plan: StoragePlan,
  environment: PrepareEnvironment,
): Promise<ReadonlySet<string>> {
  const prepared = await concurrently(
    [
      (signal) => prepareBootDrive(plan, { ...environment, signal }),
      ...plan.dataDrives.map(
        (data) => (signal: AbortSignal) => prepareDataDrive(data, { ...environment, signal }),
      ),
    ],
    environment.signal,
  );
  return new Set(prepared.flatMap(({ name, discarded }) => (discarded ? [name] : [])));
}

interface PreparedDrive {
  readonly name: string;
  readonly discarded: boolean;
}

async function prepareBootDrive(plan: StoragePlan, environment: PrepareEnvironment): Promise<PreparedDrive> {
  const { drive } = plan.bootDrive;
  const discarded = await eraseDrive(drive, environment);
  await makePartitions(plan.bootDrive, plan.firmware, environment);
  // One after the other: two mkfs on one drive only make its heads travel.
  for (const volume of bootDriveVolumes(plan)) await prepareAndFormat(volume, discarded, environment);
  return { name: drive.name, discarded };
}

async function prepareDataDrive(
  { drive, volume }: DataDrivePlan,
  environment: PrepareEnvironment,
): Promise<PreparedDrive> {
  const discarded = await eraseDrive(drive, environment);
  await prepareAndFormat(volume, discarded, environment);
  return { name: drive.name, discarded };
}

async function prepareAndFormat(
  volume: Volume,
  discarded: boolean,
  environment: PrepareEnvironment,
): Promise<void> {
  await prepareVolume(volume, discarded, environment);
  const startMs = environment.clock.monotonicMs();
  await makeFileSystem(volume, environment);
  const { type, mountPoint } = volume.fileSystem;
  const seconds = ((environment.clock.monotonicMs() - startMs) / 1000).toFixed(3);
  environment.log.info(`made ${type} for ${mountPoint} on ${volume.devicePath} in ${seconds}s`);
}
