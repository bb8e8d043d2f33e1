import type { Command } from "../../system/commands.ts";
import { bootDriveVolumes, type StoragePlan, type Volume } from "../plan/plan.ts";
import { renderDiscard } from "./erase.ts";
import { renderLuksFormat, renderLuksOpen } from "./luks.ts";
import { renderMakeFileSystem } from "./make-file-system.ts";
import { renderPartitionCommand } from "./partition-table.ts";

/** A program that will be run, and why. */
export interface PlannedCommand {
  /** Kernel name of the drive. */
  readonly drive: string;
  /** For people: `make the ext4 of / (/dev/sda1)`. */
  readonly purpose: string;
  readonly command: Command;
}

/**
 * The programs that prepareDrives will run, drive by drive, in the order in which each drive sees them; volumes of one drive
 * are encrypted at the same time. As if every drive took the discard: one that does not gets its mappings opened without
 * `--allow-discards`. What this program does itself (erasing, boot code) is not among them.
 */
export function planCommands(plan: StoragePlan): readonly PlannedCommand[] {
  const { drive } = plan.bootDrive;
  return [
    { drive: drive.name, purpose: `discard ${drive.devicePath}`, command: renderDiscard(drive) },
    {
      drive: drive.name,
      purpose: `write the partition table of ${drive.devicePath}`,
      command: renderPartitionCommand(plan.bootDrive, plan.firmware),
    },
    ...bootDriveVolumes(plan).flatMap(planVolumeCommands),
    ...plan.dataDrives.flatMap((data) => [
      {
        drive: data.drive.name,
        purpose: `discard ${data.drive.devicePath}`,
        command: renderDiscard(data.drive),
      },
      ...planVolumeCommands(data.volume),
    ]),
  ];
}

function planVolumeCommands(volume: Volume): readonly PlannedCommand[] {
  const { driveName: drive, devicePath, fileSystem, purpose } = volume;
  const place = `${purpose === "swap" ? fileSystem.label : fileSystem.mountPoint} (${devicePath})`;
  const encryption: readonly PlannedCommand[] = [
    { drive, purpose: `encrypt ${place}`, command: renderLuksFormat(volume) },
    { drive, purpose: `open the encryption of ${place}`, command: renderLuksOpen(volume, true) },
  ];
  return [
    ...(volume.encrypted ? encryption : []),
    {
      drive,
      purpose: `make the ${fileSystem.type} of ${place}`,
      command: renderMakeFileSystem(volume),
    },
  ];
}
