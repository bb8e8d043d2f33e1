import type { FileSystem } from "../../system/files.ts";
import { pathAttributesOf } from "./bus-path.ts";
import type { RawDrive } from "./drives.ts";

type SysfsFiles = Pick<FileSystem, "readDirectoryText" | "readLink" | "readFile" | "exists">;

const ATTRIBUTE_LIMIT_BYTES = 4096;
const UNIT_SERIAL_NUMBER_PAGE = 0x80;
const PAGE_HEADER_BYTES = 4;

/** Reads one entry of class/block; what is missing, unreadable or absurdly long is undefined: drives differ. */
export async function readRawDrive(
  sysfsDirectory: string,
  name: string,
  files: SysfsFiles,
): Promise<RawDrive> {
  const entry = `${sysfsDirectory}/class/block/${name}`;
  const read = async (attribute: string) =>
    (await readBytes(`${entry}/${attribute}`, files))?.toString("latin1");
  const link = await readLinkText(entry, files);
  const controllerView = await findControllerView(sysfsDirectory, name, link, files);
  return {
    name,
    isPartition: await exists(`${entry}/partition`, files),
    isDevice: await exists(`${entry}/device`, files),
    link,
    removable: await read("removable"),
    hidden: await read("hidden"),
    readOnly: await read("ro"),
    sizeSectors: await read("size"),
    logicalSectorBytes: await read("queue/logical_block_size"),
    physicalSectorBytes: await read("queue/physical_block_size"),
    rotational: await read("queue/rotational"),
    // A memory card has a name, and its model is nowhere.
    model:
      (await read("device/model")) ?? (name.startsWith("mmcblk") ? await read("device/name") : undefined),
    // NVMe and memory cards keep the serial number with their controller or card, virtio with the disk, SCSI in a page, and
    // sticks that have no such page in their USB device.
    serial:
      (await read("device/serial")) ??
      (await read("serial")) ??
      parseSerialPage(await readBytes(`${entry}/device/vpd_pg80`, files)) ??
      (await readUsbSerial(`${sysfsDirectory}/class/block`, link, files)),
    wwn: (await read("wwid")) ?? (await read("device/wwid")),
    classAttributes: await readClassAttributes(sysfsDirectory, controllerView ?? { name, link }, files),
    controllerView,
  };
}

/** The serial number of the USB device that a disk belongs to: the last part of its place that names a port (`1-1.2`). */
async function readUsbSerial(
  directory: string,
  link: string | undefined,
  files: SysfsFiles,
): Promise<string | undefined> {
  const parts = link?.split("/") ?? [];
  const device = parts.findLastIndex((part) => /^\d+-\d+(\.\d+)*$/.test(part));
  if (device < 0) return undefined;
  const place = parts.slice(0, device + 1).join("/");
  return (await readBytes(`${directory}/${place}/serial`, files))?.toString("latin1");
}

/** The text of SCSI's unit serial number page (SPC-4 section 7.8.16); its head holds the length, which may look like text. */
function parseSerialPage(page: Buffer | undefined): string | undefined {
  if (page === undefined || page.byteLength < PAGE_HEADER_BYTES || page[1] !== UNIT_SERIAL_NUMBER_PAGE)
    return undefined;
  return page.subarray(PAGE_HEADER_BYTES, PAGE_HEADER_BYTES + page.readUInt16BE(2)).toString("latin1");
}

/**
 * With NVMe multipath in the kernel a drive hangs below virtual/nvme-subsystem, and class/block has a hidden entry for
 * each controller (nvme0c1n1), which tells where it is plugged in.
 */
async function findControllerView(
  sysfsDirectory: string,
  name: string,
  link: string | undefined,
  files: SysfsFiles,
): Promise<RawDrive["controllerView"]> {
  const [, subsystem, namespace] = /^nvme(\d+)n(\d+)$/.exec(name) ?? [];
  if (subsystem === undefined || namespace === undefined || link?.includes("/nvme-subsystem/") !== true)
    return undefined;
  const directory = `${sysfsDirectory}/class/block`;
  const pattern = new RegExp(`^nvme${subsystem}c\\d+n${namespace}$`);
  const views: { readonly name: string; readonly link: string }[] = [];
  for (const view of (await files.readDirectoryText(directory)).filter((entry) => pattern.test(entry))) {
    const viewLink = await readLinkText(`${directory}/${view}`, files);
    if (viewLink !== undefined) views.push({ name: view, link: viewLink });
  }
  // The kernel numbers controllers as it finds them; their places stay.
  return views.toSorted((a, b) => (a.link < b.link ? -1 : 1))[0];
}

async function readClassAttributes(
  sysfsDirectory: string,
  { name, link }: { readonly name: string; readonly link: string | undefined },
  files: SysfsFiles,
): Promise<ReadonlyMap<string, string>> {
  const attributes = new Map<string, string>();
  for (const path of link === undefined ? [] : pathAttributesOf(name, link)) {
    const value = (await readBytes(`${sysfsDirectory}/class/${path}`, files))?.toString("latin1").trim();
    if (value !== undefined && /^[\w.:-]+$/.test(value)) attributes.set(path, value);
  }
  return attributes;
}

async function readBytes(path: string, files: SysfsFiles): Promise<Buffer | undefined> {
  try {
    return await files.readFile(path, { limitBytes: ATTRIBUTE_LIMIT_BYTES });
  } catch {
    return undefined;
  }
}

async function readLinkText(path: string, files: SysfsFiles): Promise<string | undefined> {
  try {
    return (await files.readLink(path)).toString("utf8");
  } catch {
    return undefined;
  }
}

/** An entry that cannot be looked at (EIO, EACCES) must not stop the others. */
async function exists(path: string, files: SysfsFiles): Promise<boolean> {
  try {
    return await files.exists(path);
  } catch {
    return false;
  }
}
