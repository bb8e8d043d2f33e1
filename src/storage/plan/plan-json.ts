import { formatCommand } from "../../system/command-line.ts";
import { formatContents } from "../drives/drive-contents.ts";
import type { Drive } from "../drives/drives.ts";
import { planCommands } from "../make/planned-commands.ts";
import { renderCrypttab, renderFstab } from "../target/fstab.ts";
import { drivesOf, fileSystemDevice, type PartitionPlan, type StoragePlan, type Volume } from "./plan.ts";
import type { PlanFacts } from "./plan-facts.ts";

/** Raised when a key changes its meaning or goes; new keys do not count. */
const FORMAT_VERSION = 1;

/**
 * The plan for programs (`installer plan -json`). Sizes and places are bytes, `endBytes` is the first byte after, null
 * means that there is none or that it is not known.
 *
 * - `version` 1; `firmware` "bios" or "efi"; `image` the name that was found; `mountBy` "label" or "uuid" (then the
 *   identifiers are examples: each run makes new ones)
 * - `drives[]`, the boot drive first: `name`, `devicePath`, `serial`, `wwn`, `model`, `path`, `transport`, `sizeBytes`,
 *   `role` "boot" or "data", `carries[]` what is on it now, one text each, `tableType` "msdos", "gpt" or null, and
 *   `partitions[]`: `number` (null: the whole drive), `startBytes`, `endBytes`, `sizeBytes`, `purpose` "root", "boot",
 *   "efi", "data", "swap", "other" or "bios-boot", `type` "ext4", "vfat", "xfs", "btrfs", "swap" or null, `label`,
 *   `uuid`, `encrypted`, `mountPoint`, `device` the partition, `fileSystemDevice` what is mounted
 * - `fstab` and `crypttab` (null when nothing is encrypted) of the new system, and `commands[]` with `drive`, `purpose`
 *   and `line`: all three as they are when the drives take a discard
 * - `release[]` what is taken down first, `notes[]` and `warnings[]`: texts for people
 */
export function renderPlanJson(imageName: string, plan: StoragePlan, facts: PlanFacts): string {
  const discarded = new Set(drivesOf(plan).map(({ name }) => name));
  const crypttab = renderCrypttab(plan, discarded);
  const { drive, tableType, partitions } = plan.bootDrive;
  const shown = {
    version: FORMAT_VERSION,
    image: imageName,
    firmware: plan.firmware,
    mountBy: plan.mountBy,
    drives: [
      { ...toDriveJson(drive, facts), role: "boot", tableType, partitions: partitions.map(toPartitionJson) },
      ...plan.dataDrives.map((data) => ({
        ...toDriveJson(data.drive, facts),
        role: "data",
        tableType: null,
        partitions: [toWholeDriveJson(data.volume)],
      })),
    ],
    fstab: renderFstab(plan, discarded),
    crypttab: crypttab === "" ? null : crypttab,
    commands: planCommands(plan).map(({ drive: driveName, purpose, command }) => ({
      drive: driveName,
      purpose,
      line: formatCommand(command),
    })),
    release: facts.release,
    notes: plan.notes,
    warnings: facts.warnings,
  };
  return `${JSON.stringify(shown, undefined, 2)}\n`;
}

function toDriveJson(drive: Drive, { contents }: PlanFacts) {
  const { name, devicePath, serial, wwn, model, path, transport, sizeBytes } = drive;
  const found = contents.get(name);
  return {
    name,
    devicePath,
    serial: nullIfEmpty(serial),
    wwn: nullIfEmpty(wwn),
    model: nullIfEmpty(model),
    path: nullIfEmpty(path),
    transport,
    sizeBytes,
    carries: found === undefined ? [] : formatContents(found),
  };
}

function toPartitionJson({ number, startBytes, endBytes, volume }: PartitionPlan) {
  const place = { number, startBytes, endBytes, sizeBytes: endBytes - startBytes };
  if (volume !== undefined) return { ...place, ...toVolumeJson(volume) };
  return {
    ...place,
    purpose: "bios-boot",
    type: null,
    label: null,
    uuid: null,
    encrypted: false,
    mountPoint: null,
    device: null,
    fileSystemDevice: null,
  };
}

function toWholeDriveJson(volume: Volume) {
  const { sizeBytes } = volume;
  return { number: null, startBytes: 0, endBytes: sizeBytes, sizeBytes, ...toVolumeJson(volume) };
}

function toVolumeJson(volume: Volume) {
  const { type, label, uuid, mountPoint } = volume.fileSystem;
  return {
    purpose: volume.purpose,
    type,
    label: nullIfEmpty(label),
    uuid: uuid ?? null,
    encrypted: volume.encrypted,
    mountPoint: volume.purpose === "swap" ? null : mountPoint,
    device: volume.devicePath,
    fileSystemDevice: fileSystemDevice(volume),
  };
}

function nullIfEmpty(text: string): string | null {
  return text === "" ? null : text;
}
