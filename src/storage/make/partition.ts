import { InstallerError } from "../../core/errors.ts";
import { type DrivePartition, readDrivePartition } from "../drives/drive-partitions.ts";
import { formatPartitionName } from "../drives/drives.ts";
import type { StorageEnvironment } from "../environment.ts";
import type { BootDrivePlan, Firmware, PartitionPlan } from "../plan/plan.ts";
import { inRoot } from "../tool-command.ts";
import { waitUntil } from "../wait-until.ts";
import { renderPartitionCommand } from "./partition-table.ts";
import { writeRefusingBootCode } from "./refusing-boot-code.ts";
import { rereadPartitions } from "./reread-partitions.ts";

const MIB = 2 ** 20;

const APPEARANCE_TIMEOUT_MS = 10_000;

/** The kernel is asked to read the table again after this many looks (about half a second) without success. */
const LOOKS_BEFORE_REREAD = 16;

/** parted may move a border to suit the drive's own block size; more than this is not what was planned. */
const SIZE_TOLERANCE = 0.05;
const START_TOLERANCE_BYTES = MIB / 2;

type PartitionEnvironment = Pick<
  StorageEnvironment,
  "commands" | "files" | "clock" | "log" | "signal" | "toolsRoot" | "sysfsDirectory"
>;

/**
 * Writes the partition table and waits until the kernel shows every partition where it was planned. The drive does not
 * boot yet. Rejects with E_PARTITION_TABLE or E_DRIVE_ERASE.
 */
export async function makePartitions(
  bootDrive: BootDrivePlan,
  firmware: Firmware,
  environment: PartitionEnvironment,
): Promise<void> {
  const { commands, log, signal, toolsRoot } = environment;
  const { devicePath } = bootDrive.drive;
  try {
    await commands.run(inRoot(renderPartitionCommand(bootDrive, firmware), toolsRoot), signal);
  } catch (error) {
    signal.throwIfAborted();
    throw new InstallerError("E_PARTITION_TABLE", `partitioning ${devicePath}`, {
      cause: error,
      hint: "the program's own words are in the message; look at the kernel log for errors of the drive",
    });
  } finally {
    // parted leaves boot code of its own in a new MBR, which would start whatever the active partition begins with.
    await writeRefusingBootCode(devicePath, environment);
  }
  for (const partition of bootDrive.partitions) await waitForPartition(bootDrive, partition, environment);
  log.info(`partitioned ${devicePath}`);
}

/** A partition of an older table is not what is waited for: start and size have to be the planned ones. */
async function waitForPartition(
  { drive }: BootDrivePlan,
  planned: PartitionPlan,
  environment: PartitionEnvironment,
): Promise<void> {
  const { signal, clock } = environment;
  const name = formatPartitionName(drive.name, planned.number);
  let seen: DrivePartition | undefined;
  let failure: unknown;
  const found = await waitUntil(
    async (attempt) => {
      seen = await readDrivePartition(name, environment);
      if (seen !== undefined && isAsPlanned(seen, planned)) return seen;
      if (attempt % LOOKS_BEFORE_REREAD === 0)
        // A partition may be busy; the next look tells whether it matters.
        failure = await rereadPartitions(drive.devicePath, attempt / LOOKS_BEFORE_REREAD, environment);
      return undefined;
    },
    { clock, signal, timeoutMs: APPEARANCE_TIMEOUT_MS },
  );
  if (found === undefined)
    throw new InstallerError("E_PARTITION_TABLE", describeMissing(drive.devicePath, name, planned, seen), {
      cause: failure,
    });
}

function isAsPlanned({ startBytes, sizeBytes }: DrivePartition, planned: PartitionPlan): boolean {
  const plannedBytes = planned.endBytes - planned.startBytes;
  const tolerance = Math.max(MIB, plannedBytes * SIZE_TOLERANCE);
  return (
    Math.abs(startBytes - planned.startBytes) < START_TOLERANCE_BYTES &&
    Math.abs(sizeBytes - plannedBytes) <= tolerance
  );
}

function describeMissing(
  devicePath: string,
  name: string,
  { startBytes, endBytes }: PartitionPlan,
  seen: DrivePartition | undefined,
): string {
  const waiting = `waiting for the kernel to show partition ${name} of ${devicePath}`;
  if (seen === undefined) return waiting;
  const planned = `planned were ${endBytes - startBytes} at ${startBytes}`;
  return `${waiting}: it has ${seen.sizeBytes} bytes at ${seen.startBytes}, ${planned}`;
}
