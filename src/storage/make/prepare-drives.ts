import { hasCode, InstallerError } from "../../core/errors.ts";
import { concurrently } from "../concurrently.ts";
import type { StorageEnvironment } from "../environment.ts";
import { bootDriveVolumes, type DataDrivePlan, type StoragePlan, type Volume } from "../plan/plan.ts";
import { CpuSlots, countCpuSlots, parseAvailableMemory } from "./cpu-slots.ts";
import { eraseDrive } from "./erase.ts";
import { makeFileSystem, prepareVolume } from "./make-file-system.ts";
import { makePartitions } from "./partition.ts";

type PrepareEnvironment = Omit<StorageEnvironment, "mounts">;

interface Limits {
  /** Encryption, over all drives: deriving a key takes a processor and much memory for seconds. */
  readonly encryption: CpuSlots;
  /** mkfs of the boot drive: two on one drive only make its heads travel. */
  readonly bootDriveFormatting: CpuSlots;
}

/**
 * Erases, partitions and formats all drives of the plan at the same time, and all volumes of a drive (spec/storage.md
 * section 8.1); the first failure stops the others. Call only after proveNotInUse. Resolves with the kernel names of the
 * drives that took a discard. Every error names the device and the command.
 */
export async function prepareDrives(
  plan: StoragePlan,
  environment: PrepareEnvironment,
  cpuCount: number,
): Promise<ReadonlySet<string>> {
  const { files, procDirectory } = environment;
  const memory = parseAvailableMemory(await files.readText(`${procDirectory}/meminfo`).catch(() => ""));
  const limits: Limits = {
    encryption: new CpuSlots(countCpuSlots(cpuCount, memory)),
    bootDriveFormatting: new CpuSlots(1),
  };
  const prepared = await concurrently(
    [
      (signal) => prepareBootDrive(plan, limits, { ...environment, signal }),
      ...plan.dataDrives.map(
        (data) => (signal: AbortSignal) => prepareDataDrive(data, limits, { ...environment, signal }),
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

async function prepareBootDrive(
  plan: StoragePlan,
  { encryption, bootDriveFormatting }: Limits,
  environment: PrepareEnvironment,
): Promise<PreparedDrive> {
  const { drive } = plan.bootDrive;
  const discarded = await eraseDrive(drive, environment);
  await makePartitions(plan.bootDrive, plan.firmware, environment);
  await concurrently(
    bootDriveVolumes(plan).map((volume) => async (signal: AbortSignal) => {
      const own = { ...environment, signal };
      await prepareInTurn(volume, discarded, encryption, own);
      await bootDriveFormatting.run(async () => format(volume, own), signal);
    }),
    environment.signal,
  );
  return { name: drive.name, discarded };
}

async function prepareDataDrive(
  { drive, volume }: DataDrivePlan,
  { encryption }: Limits,
  environment: PrepareEnvironment,
): Promise<PreparedDrive> {
  const discarded = await eraseDrive(drive, environment);
  await prepareInTurn(volume, discarded, encryption, environment);
  await format(volume, environment);
  return { name: drive.name, discarded };
}

/** Only what is encrypted has to wait for a processor. Rejects with E_ENCRYPT besides what prepareVolume does. */
async function prepareInTurn(
  volume: Volume,
  discarded: boolean,
  encryption: CpuSlots,
  environment: PrepareEnvironment,
): Promise<void> {
  const { signal } = environment;
  const prepare = async () => prepareVolume(volume, discarded, environment);
  if (!volume.encrypted) return prepare();
  try {
    await encryption.run(prepare, signal);
  } catch (error) {
    signal.throwIfAborted();
    if (!hasCode(error, "E_COMMAND_FAILED", "E_COMMAND_NOT_FOUND", "E_COMMAND_TIMEOUT")) throw error;
    throw new InstallerError("E_ENCRYPT", `encrypting ${volume.devicePath}`, { cause: error });
  }
}

async function format(volume: Volume, environment: PrepareEnvironment): Promise<void> {
  const startMs = environment.clock.monotonicMs();
  await makeFileSystem(volume, environment);
  const { type, mountPoint } = volume.fileSystem;
  const seconds = ((environment.clock.monotonicMs() - startMs) / 1000).toFixed(3);
  environment.log.info(`made ${type} for ${mountPoint} on ${volume.devicePath} in ${seconds}s`);
}
