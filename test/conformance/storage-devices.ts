import type { Path } from "../../src/system/files.ts";
import { systemError } from "../../src/system/system-error.ts";
import { MemoryFileSystem } from "../support/memory-file-system.ts";
import type { MachineEvent } from "./storage-events.ts";

const BLOCK_DEVICE_MODE = 0o060600;
const SECTOR_BYTES = 512;

/** A block device: how large it is, and whether it can be read. */
interface Device {
  readonly sizeBytes: number;
  readonly isReadable: boolean;
  /** The first bytes, all others are zero; writes do not change them. */
  readonly head: Buffer;
}

/**
 * Files in memory and block devices that take any write, keep nothing, and tell what was written at their ends. The files of
 * a file-system on a device lie below VOLUMES while it is not mounted.
 */
export class MachineFileSystem extends MemoryFileSystem {
  readonly #devices = new Map<string, Device>();
  readonly #blank = new Set<string>();
  readonly #note: (event: MachineEvent) => void;

  constructor(note: (event: MachineEvent) => void) {
    super({ files: DIRECTORIES });
    this.#note = note;
  }

  async addDevice(
    path: string,
    sizeBytes: number,
    isReadable = true,
    head: Buffer = Buffer.alloc(0),
  ): Promise<void> {
    await this.removeDevice(path);
    await this.makeNode(path, BLOCK_DEVICE_MODE, BigInt(this.#devices.size + 0x800));
    this.#devices.set(path, { sizeBytes, isReadable, head });
  }

  async removeDevice(path: string): Promise<void> {
    this.#devices.delete(path);
    await this.removeTree(path);
  }

  /** There is no partition table: the start was overwritten after the last one was made. */
  isBlank(path: string): boolean {
    return this.#blank.has(path);
  }

  writeTable(path: string): void {
    this.#blank.delete(path);
  }

  sizeOf(path: string): number | undefined {
    return this.#devices.get(path)?.sizeBytes;
  }

  override async readHead(path: Path, lengthBytes: number): Promise<Buffer> {
    return this.#devices.has(String(path))
      ? this.readAt(path, 0, lengthBytes)
      : super.readHead(path, lengthBytes);
  }

  override async readAt(path: Path, offsetBytes: number, lengthBytes: number): Promise<Buffer> {
    const device = this.#devices.get(String(path));
    if (device === undefined) return super.readAt(path, offsetBytes, lengthBytes);
    if (!device.isReadable) throw systemError("EIO", "read", path);
    const content = Buffer.alloc(Math.max(0, Math.min(lengthBytes, device.sizeBytes - offsetBytes)));
    device.head.copy(content, 0, Math.min(offsetBytes, device.head.byteLength));
    return content;
  }

  override async writeAt(path: Path, offsetBytes: number, content: Uint8Array): Promise<void> {
    const device = this.#devices.get(String(path));
    if (device === undefined) return super.writeAt(path, offsetBytes, content);
    const end = offsetBytes + content.byteLength;
    if (end > device.sizeBytes) throw systemError("ENOSPC", "write", path);
    if (offsetBytes === 0 && end >= SECTOR_BYTES) this.#blank.add(String(path));
    const kind = isZero(content) ? "zero" : "write";
    const written = { kind, device: String(path), bytes: content.byteLength } as const;
    if (offsetBytes === 0) this.#note({ ...written, at: "start" });
    if (end === device.sizeBytes) this.#note({ ...written, at: "end" });
  }

  override async writeFileAtomic(
    path: Path,
    content: string | Uint8Array,
    options: { readonly mode?: number } = {},
  ): Promise<void> {
    await super.writeFileAtomic(path, content, options);
    this.#note({ kind: "file", path: String(path) });
  }

  override async removeTree(path: Path): Promise<void> {
    if (this.#devices.has(String(path))) throw systemError("EBUSY", "unlink", path);
    await super.removeTree(path);
  }

  /** An entry of class/block as the vector describes it. */
  async addBlockClass(entry: BlockClassEntry): Promise<void> {
    const link = `/sys/class/block/${entry.name}`;
    const directory = entry.isLink ? new URL(entry.link, "file:///sys/class/block/").pathname : link;
    await this.makeDirectory(directory, { parents: true });
    for (const [name, text] of Object.entries(entry.attributes))
      await this.writeFile(`${directory}/${name}`, text);
    if (entry.hasDevice) await this.makeDirectory(`${directory}/device`, { parents: true });
    if (entry.isLink && !(await this.exists(link))) await this.makeSymlink(entry.link, link);
    await this.addDevice(`/dev/${entry.name}`, entry.sizeBytes, entry.isReadable);
  }
}

export interface BlockClassEntry {
  readonly name: string;
  readonly link: string;
  readonly isLink: boolean;
  readonly hasDevice: boolean;
  readonly isReadable: boolean;
  readonly sizeBytes: number;
  readonly attributes: Readonly<Record<string, string>>;
}

/** Where the files of file-systems lie that are not mounted. */
export const VOLUMES = "/.volumes";
/** Where the files lie that a mount hides. */
export const HIDDEN = "/.hidden";

const EMPTY_DIRECTORIES = [
  "dev",
  "dev/mapper",
  "proc",
  "sys/class/block",
  "sys/devices",
  "tmp",
  "var/log",
  "etc",
  "tftpdata",
];
const DIRECTORIES: Readonly<Record<string, string>> = Object.fromEntries(
  [...EMPTY_DIRECTORIES.map((name) => `/${name}`), VOLUMES, HIDDEN].map((path) => [`${path}/`, ""]),
);

/** All bytes are equal to their neighbours, and the first is zero. */
function isZero(content: Uint8Array): boolean {
  const bytes = Buffer.from(content.buffer, content.byteOffset, content.byteLength);
  return bytes[0] === 0 && bytes.subarray(1).equals(bytes.subarray(0, -1));
}

/** Sectors of sysfs in bytes. */
export function bytesOfSectors(sectors: number): number {
  return sectors * SECTOR_BYTES;
}
