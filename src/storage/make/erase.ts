import { hasCode, InstallerError } from "../../core/errors.ts";
import type { Command } from "../../system/commands.ts";
import type { Drive } from "../drives/drives.ts";
import type { StorageEnvironment } from "../environment.ts";

const MIB = 2 ** 20;

/** More than boot code, partition tables and the signatures of file-systems, LVM and RAID take at either end. */
const ERASED_BYTES = MIB;

const DISCARD_TIMEOUT_MS = 3_600_000;

/** Tells the drive that nothing on it is needed any more. */
export function renderDiscard(drive: Drive): Command {
  return { program: "blkdiscard", args: [drive.devicePath], timeoutMs: DISCARD_TIMEOUT_MS };
}

/**
 * Makes a drive unbootable at once, then discards it. From here on the drive holds nothing of its old system that
 * firmware, kernel or tools could recognise at its start or end. Resolves with whether the drive took the discard.
 * Rejects with E_DRIVE_ERASE.
 */
export async function eraseDrive(
  drive: Drive,
  environment: Pick<StorageEnvironment, "commands" | "files" | "clock" | "log" | "signal">,
): Promise<boolean> {
  await eraseEnds(drive.devicePath, drive.sizeBytes, environment);
  const discarded = await discard(drive, environment);
  // What a discarded block reads as is up to the drive; old content may even come back (no RZAT).
  if (discarded) await eraseEnds(drive.devicePath, drive.sizeBytes, environment);
  return discarded;
}

/** Writes zeroes over the first and last MiB of a device of `sizeBytes`. Rejects with E_DRIVE_ERASE. */
export async function eraseEnds(
  devicePath: string,
  sizeBytes: number,
  { files }: Pick<StorageEnvironment, "files">,
): Promise<void> {
  const zeroes = new Uint8Array(Math.min(ERASED_BYTES, sizeBytes));
  try {
    await files.writeAt(devicePath, 0, zeroes);
    if (sizeBytes > zeroes.byteLength) await files.writeAt(devicePath, sizeBytes - zeroes.byteLength, zeroes);
  } catch (error) {
    throw new InstallerError("E_DRIVE_ERASE", `erasing the ends of ${devicePath}`, { cause: error });
  }
}

async function discard(
  drive: Drive,
  { commands, clock, log, signal }: Pick<StorageEnvironment, "commands" | "clock" | "log" | "signal">,
): Promise<boolean> {
  const startMs = clock.monotonicMs();
  try {
    await commands.run(renderDiscard(drive), signal);
  } catch (error) {
    if (!hasCode(error, "E_COMMAND_FAILED", "E_COMMAND_NOT_FOUND", "E_COMMAND_TIMEOUT")) throw error;
    log.debug(0, `cannot discard ${drive.devicePath}`, { error });
    return false;
  }
  const seconds = ((clock.monotonicMs() - startMs) / 1000).toFixed(3);
  log.info(`discarded ${drive.devicePath} in ${seconds}s`);
  return true;
}
