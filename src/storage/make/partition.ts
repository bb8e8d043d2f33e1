import { InstallerError } from "../../core/errors.ts";
import { formatPartitionName } from "../drives/drives.ts";
import type { StorageEnvironment } from "../environment.ts";
import type { BootDrivePlan, Firmware, PartitionPlan } from "../plan/plan.ts";
import { inRoot } from "../tool-command.ts";
import { waitUntil } from "../wait-until.ts";
import { readBlockDeviceSize } from "./block-device-size.ts";
import { renderPartitionCommand } from "./partition-table.ts";

const MIB = 2 ** 20;

const APPEARANCE_TIMEOUT_MS = 10_000;

/** The kernel is asked to read the table again after this many looks (about half a second) without success. */
const LOOKS_BEFORE_REREAD = 16;

/** parted may move a border to suit the drive's own block size; more than this is not what was planned. */
const ROUNDING_TOLERANCE = 0.05;

/**
 * Boot code that hands the machine back to the BIOS, which then tries its next boot device (INT 18h; HLT; JMP -3).
 * It stands in the MBR until the boot loader comes: a half-installed drive must not boot.
 */
const REFUSING_BOOT_CODE = Uint8Array.of(0xcd, 0x18, 0xf4, 0xeb, 0xfd);
const BOOT_CODE_BYTES = 440;

type PartitionEnvironment = Pick<
  StorageEnvironment,
  "commands" | "files" | "clock" | "log" | "signal" | "toolsRoot" | "sysfsDirectory"
>;

/**
 * Writes the partition table and waits until the kernel shows every partition at about its planned size. The drive does not
 * boot yet. Rejects with the command's error, E_PARTITION_TABLE or E_DRIVE_ERASE.
 */
export async function makePartitions(
  bootDrive: BootDrivePlan,
  firmware: Firmware,
  environment: PartitionEnvironment,
): Promise<void> {
  const { commands, log, signal, toolsRoot } = environment;
  const { devicePath } = bootDrive.drive;
  await commands.run(inRoot(renderPartitionCommand(bootDrive, firmware), toolsRoot), signal);
  await writeRefusingBootCode(devicePath, environment);
  for (const partition of bootDrive.partitions) await waitForPartition(bootDrive, partition, environment);
  log.info(`partitioned ${devicePath}`);
}

/** parted leaves boot code of its own in a new MBR, which would start whatever the active partition begins with. */
async function writeRefusingBootCode(
  devicePath: string,
  { files }: Pick<StorageEnvironment, "files">,
): Promise<void> {
  const code = new Uint8Array(BOOT_CODE_BYTES);
  code.set(REFUSING_BOOT_CODE);
  try {
    await files.writeAt(devicePath, 0, code);
  } catch (error) {
    throw new InstallerError("E_DRIVE_ERASE", `writing boot code to ${devicePath}`, { cause: error });
  }
}

async function waitForPartition(
  { drive }: BootDrivePlan,
  { number, startBytes, endBytes }: PartitionPlan,
  environment: PartitionEnvironment,
): Promise<void> {
  const { commands, signal, toolsRoot, clock } = environment;
  const name = formatPartitionName(drive.name, number);
  const sizeBytes = await waitUntil(
    async (attempt) => {
      const found = await readBlockDeviceSize(name, environment);
      if (found === undefined && attempt % LOOKS_BEFORE_REREAD === 0)
        // Exit code 1: a partition is busy; the next look tells whether it matters.
        await commands.run(
          inRoot({ program: "partprobe", args: [drive.devicePath], okExitCodes: [0, 1] }, toolsRoot),
          signal,
        );
      return found;
    },
    { clock, signal, timeoutMs: APPEARANCE_TIMEOUT_MS },
  );
  if (sizeBytes === undefined)
    throw new InstallerError("E_PARTITION_TABLE", `waiting for the kernel to show partition ${name}`);
  const plannedBytes = endBytes - startBytes;
  const tolerance = Math.max(MIB, plannedBytes * ROUNDING_TOLERANCE);
  if (sizeBytes < plannedBytes - tolerance)
    throw new InstallerError(
      "E_PARTITION_TABLE",
      `checking partition ${name}: it has ${sizeBytes} bytes, planned were ${plannedBytes}`,
    );
}
