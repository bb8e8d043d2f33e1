import { formatBytes } from "../../core/byte-size.ts";
import type { Logger } from "../../core/logger.ts";
import type { FileSystem } from "../../system/files.ts";
import { type Drive, findOtherPath, parseDrive, type RawDrive, sortByBusLocation } from "./drives.ts";

export interface FindDrivesPorts {
  readonly files: Pick<FileSystem, "readDirectoryText" | "readHead" | "readLink" | "readFile" | "exists">;
  readonly log: Logger;
}

const SECTOR_BYTES = 512;
const ATTRIBUTE_LIMIT_BYTES = 4096;

/**
 * All drives of this machine that could be installed to, in bus order (spec/storage.md section 2).
 *
 * An entry that cannot be read is skipped with a log line, it never stops the discovery. Rejects with the system error
 * when class/block itself cannot be listed.
 */
export async function findDrives(sysfsDirectory: string, ports: FindDrivesPorts): Promise<readonly Drive[]> {
  const directory = `${sysfsDirectory}/class/block`;
  const names = await ports.files.readDirectoryText(directory);
  const found: Drive[] = [];
  for (const name of names) {
    const drive = await probeDrive(`${directory}/${name}`, name, ports);
    if (drive !== undefined) found.push(drive);
  }
  const drives = withoutOtherPaths(sortByBusLocation(found), ports.log);
  ports.log.debug(0, `sorted drive list: [${drives.map((drive) => drive.name).join(" ")}]`);
  return drives;
}

async function probeDrive(
  entry: string,
  name: string,
  { files, log }: FindDrivesPorts,
): Promise<Drive | undefined> {
  const verdict = parseDrive(await readRawDrive(entry, name, files));
  if ("reason" in verdict) {
    log.debug(2, `${verdict.reason}: ${name}`);
    return undefined;
  }
  const { drive } = verdict;
  if (!(await isReadable(drive.devicePath, files))) {
    log.debug(2, `skipping unreadable device: ${name}`);
    return undefined;
  }
  const gigabytes = Math.floor(drive.sizeBytes / 1e9);
  const gibibytes = Math.floor(drive.sizeBytes / 2 ** 30);
  log.debug(1, `found: ${name} ${gibibytes} GiB (${gigabytes} GB) at ${drive.busLocation}`);
  return drive;
}

async function readRawDrive(entry: string, name: string, files: FindDrivesPorts["files"]): Promise<RawDrive> {
  const read = (attribute: string) => readAttribute(`${entry}/${attribute}`, files);
  return {
    name,
    isPartition: await files.exists(`${entry}/partition`),
    isDevice: await files.exists(`${entry}/device`),
    link: await readLinkText(entry, files),
    removable: await read("removable"),
    hidden: await read("hidden"),
    readOnly: await read("ro"),
    sizeSectors: await read("size"),
    logicalSectorBytes: await read("queue/logical_block_size"),
    physicalSectorBytes: await read("queue/physical_block_size"),
    rotational: await read("queue/rotational"),
    model: await read("device/model"),
    // NVMe keeps the serial number with its controller, virtio with the disk, SCSI in a page with a 4-byte head.
    serial: (await read("device/serial")) ?? (await read("serial")) ?? (await read("device/vpd_pg80")),
    wwn: (await read("wwid")) ?? (await read("device/wwid")),
  };
}

/** Undefined when absent, unreadable or absurdly long: drives differ in what they offer. */
async function readAttribute(path: string, files: FindDrivesPorts["files"]): Promise<string | undefined> {
  try {
    return (await files.readFile(path, { limitBytes: ATTRIBUTE_LIMIT_BYTES })).toString("latin1");
  } catch {
    return undefined;
  }
}

async function readLinkText(path: string, files: FindDrivesPorts["files"]): Promise<string | undefined> {
  try {
    return (await files.readLink(path)).toString("utf8");
  } catch {
    return undefined;
  }
}

/** Empty card readers and failing drives show a size but cannot be read. */
async function isReadable(devicePath: string, files: FindDrivesPorts["files"]): Promise<boolean> {
  try {
    return (await files.readHead(devicePath, SECTOR_BYTES)).byteLength === SECTOR_BYTES;
  } catch {
    return false;
  }
}

function withoutOtherPaths(drives: readonly Drive[], log: Logger): readonly Drive[] {
  const kept: Drive[] = [];
  for (const drive of drives) {
    const other = findOtherPath(drive, kept);
    if (other === undefined) kept.push(drive);
    else log.warn(`skipping ${drive.name} (${formatBytes(drive.sizeBytes)}): second path to ${other.name}`);
  }
  return kept;
}
