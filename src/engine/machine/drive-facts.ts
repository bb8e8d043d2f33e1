import type { FileSystem } from "../../system/files.ts";
import type { DriveFacts } from "../facts.ts";
import { cleanHardwareText } from "./hardware-text.ts";
import { readAttribute, readCount } from "./read-attribute.ts";

/** What reading the facts takes of a file-system. */
export type FactFiles = Pick<FileSystem, "readDirectoryText" | "readHead" | "readLink" | "exists">;

/** A machine with more drives shows the first of them. */
const MOST_DRIVES = 256;
const SECTOR_BYTES = 512;
/** CD-ROMs, floppies, and the special areas of eMMC chips: they have hardware, but nobody installs to them. */
const NO_DRIVE = /^(?:sr|fd)\d+$|^mmcblk\d+(?:boot\d+|rpmb)$/;

/** In this order: a USB disk is also a SCSI disk, and one of a virtio-scsi host is no virtio disk. */
const TRANSPORTS: readonly (readonly [part: RegExp, name: string])[] = [
  [/\/nvme/, "nvme"],
  [/\/mmc_host\//, "mmc"],
  [/\/usb\d+\//, "usb"],
  [/\/end_device-\d/, "sas"],
  [/\/ata\d+\//, "sata"],
  [/\/host\d+\//, "scsi"],
  [/\/virtio\d+\//, "virtio"],
  [/\/vbd-\d+\//, "xen"],
];

/** The whole drives below `/sys/block`, by name; loop, RAM, RAID and device-mapper devices have no hardware and are left out. */
export async function readDriveFacts(files: FactFiles, sysfs: string): Promise<readonly DriveFacts[]> {
  const names = await files.readDirectoryText(`${sysfs}/block`).catch(() => []);
  const drives: DriveFacts[] = [];
  for (const name of names.toSorted(byNumbers)) {
    if (drives.length === MOST_DRIVES) break;
    if (!NO_DRIVE.test(name) && (await isHardware(files, `${sysfs}/block/${name}`)))
      drives.push(await readDrive(files, sysfs, name));
  }
  return drives;
}

async function isHardware(files: FactFiles, entry: string): Promise<boolean> {
  try {
    // The controllers' views of an NVMe drive that has several are hidden; the drive itself is there as well.
    return (await files.exists(`${entry}/device`)) && (await readCount(files, `${entry}/hidden`)) === 0;
  } catch {
    return false;
  }
}

async function readDrive(files: FactFiles, sysfs: string, name: string): Promise<DriveFacts> {
  const entry = `${sysfs}/block/${name}`;
  const model = (await readAttribute(files, `${entry}/device/model`)) || (await cardName(files, entry, name));
  return {
    name: cleanHardwareText(name),
    model: cleanHardwareText(model),
    serial: cleanHardwareText(await readSerial(files, entry)),
    sizeBytes: (await readCount(files, `${entry}/size`)) * SECTOR_BYTES,
    transport: await readTransport(files, entry),
  };
}

/** A memory card has a name, and its model is nowhere. */
async function cardName(files: FactFiles, entry: string, name: string): Promise<string> {
  return name.startsWith("mmcblk") ? readAttribute(files, `${entry}/device/name`) : "";
}

/** NVMe and memory cards keep the serial number with their controller or card, virtio with the disk, SCSI in a page. */
async function readSerial(files: FactFiles, entry: string): Promise<string> {
  const serial =
    (await readAttribute(files, `${entry}/device/serial`)) || (await readAttribute(files, `${entry}/serial`));
  if (serial !== "") return serial;
  try {
    // SPC-4 section 7.8.16: a head of four bytes, its last two are the length.
    const page = await files.readHead(`${entry}/device/vpd_pg80`, 256);
    return page.length < 4 ? "" : page.subarray(4, 4 + page.readUInt16BE(2)).toString("latin1");
  } catch {
    return "";
  }
}

async function readTransport(files: FactFiles, entry: string): Promise<string> {
  try {
    const link = (await files.readLink(entry)).toString("utf8");
    return TRANSPORTS.find(([part]) => part.test(link))?.[1] ?? "";
  } catch {
    return "";
  }
}

/** `sdb` before `sdaa`, `nvme2n1` before `nvme10n1`. */
function byNumbers(left: string, right: string): number {
  const [leftHead = "", rightHead = ""] = [/^\D*/.exec(left)?.[0], /^\D*/.exec(right)?.[0]];
  if (leftHead.startsWith("sd") && rightHead.startsWith("sd") && leftHead.length !== rightHead.length)
    return leftHead.length - rightHead.length;
  return left.localeCompare(right, "en", { numeric: true });
}
