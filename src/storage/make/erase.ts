import { hasCode, InstallerError } from "../../core/errors.ts";
import type { Command } from "../../system/commands.ts";
import { type DrivePartition, readDrivePartitions } from "../drives/drive-partitions.ts";
import type { Drive } from "../drives/drives.ts";
import { type ByteRange, readSignatures } from "../drives/signatures.ts";
import type { StorageEnvironment } from "../environment.ts";
import { planWipe } from "./plan-wipe.ts";
import { forgetPartitions } from "./reread-partitions.ts";

/** The most that is written at once. */
const PIECE_BYTES = 4 * 2 ** 20;

const DISCARD_TIMEOUT_MS = 3_600_000;

type EraseEnvironment = Pick<
  StorageEnvironment,
  "commands" | "files" | "clock" | "log" | "signal" | "toolsRoot" | "sysfsDirectory"
>;

/** Tells the drive that nothing on it is needed any more. */
export function renderDiscard(drive: Drive): Command {
  return { program: "blkdiscard", args: [drive.devicePath], timeoutMs: DISCARD_TIMEOUT_MS };
}

/**
 * Makes a drive unbootable at once, then discards it. From here on neither the drive nor what were its partitions hold
 * anything that firmware, kernel or tools could recognise, and the kernel shows no partition of it. Resolves with whether
 * the drive took the discard. Rejects with E_DRIVE_ERASE, or E_PARTITION_TABLE when an old partition does not go.
 */
export async function eraseDrive(drive: Drive, environment: EraseEnvironment): Promise<boolean> {
  const oldPartitions = await readDrivePartitions(drive.name, environment);
  const ranges = planWipe(drive.sizeBytes, oldPartitions);
  await zeroRanges(drive.devicePath, ranges, environment);
  const discarded = await discard(drive, environment);
  // What a discarded block reads as is up to the drive; old content may even come back (no RZAT).
  if (discarded) await zeroRanges(drive.devicePath, ranges, environment);
  await verifyWiped(drive, oldPartitions, environment);
  await forgetPartitions(drive, environment);
  return discarded;
}

/**
 * Writes zeroes over both ends of a device of `sizeBytes` and over all places where signatures live (planWipe). Rejects
 * with E_DRIVE_ERASE.
 */
export async function eraseEnds(
  devicePath: string,
  sizeBytes: number,
  environment: Pick<StorageEnvironment, "files" | "signal">,
): Promise<void> {
  await zeroRanges(devicePath, planWipe(sizeBytes, []), environment);
}

/** Rejects with E_DRIVE_ERASE when the drive or what was a partition of it can still be recognised as anything. */
export async function verifyWiped(
  { devicePath, sizeBytes }: Drive,
  oldPartitions: readonly DrivePartition[],
  { files }: Pick<StorageEnvironment, "files">,
): Promise<void> {
  for (const area of [{ startBytes: 0, sizeBytes }, ...oldPartitions]) {
    const { startBytes } = area;
    // The table may have claimed more than the drive has.
    const insideBytes = Math.min(area.sizeBytes, sizeBytes - startBytes);
    if (insideBytes <= 0) continue;
    const what = `checking that ${devicePath} is erased`;
    const found = await readSignatures({ path: devicePath, startBytes, sizeBytes: insideBytes }, files).catch(
      (error: unknown) => {
        throw new InstallerError("E_DRIVE_ERASE", what, { cause: error });
      },
    );
    const [first] = found;
    if (first === undefined) continue;
    const at = startBytes + first.offsetBytes;
    throw new InstallerError("E_DRIVE_ERASE", `${what}: at byte ${at} there is still ${first.text}`);
  }
}

async function zeroRanges(
  devicePath: string,
  ranges: readonly ByteRange[],
  { files, signal }: Pick<StorageEnvironment, "files" | "signal">,
): Promise<void> {
  const zeroes = new Uint8Array(
    Math.min(PIECE_BYTES, Math.max(0, ...ranges.map((range) => range.lengthBytes))),
  );
  for (const { offsetBytes, lengthBytes } of ranges) {
    for (let done = 0; done < lengthBytes; done += PIECE_BYTES) {
      signal.throwIfAborted();
      try {
        await files.writeAt(devicePath, offsetBytes + done, zeroes.subarray(0, lengthBytes - done));
      } catch (error) {
        const what = `erasing what old systems left on ${devicePath}, at byte ${offsetBytes + done}`;
        throw new InstallerError("E_DRIVE_ERASE", what, { cause: error });
      }
    }
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
    signal.throwIfAborted();
    if (!hasCode(error, "E_COMMAND_FAILED", "E_COMMAND_NOT_FOUND", "E_COMMAND_TIMEOUT")) throw error;
    log.debug(0, `cannot discard ${drive.devicePath}; old signatures were overwritten with zeroes`, {
      error,
    });
    return false;
  }
  const seconds = ((clock.monotonicMs() - startMs) / 1000).toFixed(3);
  log.info(`discarded ${drive.devicePath} in ${seconds}s`);
  return true;
}
