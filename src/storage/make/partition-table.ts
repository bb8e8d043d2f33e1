import type { Command } from "../../system/commands.ts";
import type { FileSystemType } from "../plan/layout.ts";
import type { BootDrivePlan, Firmware, PartitionPlan } from "../plan/plan.ts";

const MIB = 2 ** 20;

/** What parted calls the file-system types; it sets the type of the partition in the table, no more. */
const PARTED_TYPES: Readonly<Record<FileSystemType, string>> = {
  ext4: "ext4",
  vfat: "fat32",
  xfs: "xfs",
  btrfs: "btrfs",
  swap: "linux-swap",
};

/** One run of parted that writes the whole partition table (spec/storage.md section 8.2). */
export function renderPartitionCommand(bootDrive: BootDrivePlan, firmware: Firmware): Command {
  return {
    program: "parted",
    args: [
      "-s",
      "-a",
      "optimal",
      bootDrive.drive.devicePath,
      "mklabel",
      bootDrive.tableType,
      ...bootDrive.partitions.flatMap(renderPartition),
      "set",
      String(bootDrive.bootPartition),
      ...renderBootFlag(bootDrive, firmware),
    ],
  };
}

function renderPartition({ startBytes, endBytes, openEnded, volume }: PartitionPlan): readonly string[] {
  const type = volume === undefined ? [] : [PARTED_TYPES[volume.fileSystem.type]];
  const end = openEnded ? "100%" : `${endBytes / MIB}MiB`;
  return ["mkpart", "primary", ...type, `${startBytes / MIB}MiB`, end];
}

function renderBootFlag({ tableType }: BootDrivePlan, firmware: Firmware): readonly string[] {
  if (firmware === "efi") return ["esp", "on"];
  // Some BIOSes boot only from a drive with an active partition: the protective one of the GPT has to do.
  return tableType === "gpt" ? ["bios_grub", "on", "disk_set", "pmbr_boot", "on"] : ["boot", "on"];
}
