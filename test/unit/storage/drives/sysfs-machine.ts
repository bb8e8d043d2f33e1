import { posix } from "node:path";
import { createFakeHost, type FakeHost } from "../../../support/fake-host.ts";
import { createRecordingLogger } from "../../../support/recording-logger.ts";

export const MEBI_SECTORS = 2048;

export interface SysfsDrive {
  /** Below /sys/devices, without the name: `pci0000:00/0000:00:05.0/virtio2/block`. */
  readonly place: string;
  /** In 512-byte sectors; 8 MiB by default. */
  readonly sectors?: number;
  /** Attribute files of the class entry, and others that replace the usual ones; undefined: absent. */
  readonly attributes?: Readonly<Record<string, string | undefined>>;
  /** What /dev/NAME starts with; the rest is zero. Undefined: the node cannot be read. */
  readonly content?: string | undefined;
}

/** A machine with a sysfs whose entries are links, as in the kernel's. */
export class SysfsMachine {
  readonly host: FakeHost = createFakeHost({
    files: { "/sys/class/block/": "", "/dev/": "", "/proc/swaps": "" },
  });
  readonly log = createRecordingLogger();
  readonly sysfsDirectory = "/sys";
  readonly procDirectory = "/proc";

  get files() {
    return this.host.files;
  }

  get mounts() {
    return this.host.mounts;
  }

  async addDrive(name: string, drive: SysfsDrive): Promise<void> {
    const sectors = drive.sectors ?? 8 * MEBI_SECTORS;
    const directory = `/sys/devices/${drive.place}/${name}`;
    const usual = { removable: "0\n", size: `${sectors}\n`, ro: "0\n", "device/": "" };
    for (const [path, content] of Object.entries({ ...usual, ...drive.attributes }))
      if (content !== undefined) await this.addFile(`${directory}/${path}`, content);
    await this.files.makeSymlink(`../../devices/${drive.place}/${name}`, `/sys/class/block/${name}`);
    if ("content" in drive && drive.content === undefined) return;
    await this.addFile(`/dev/${name}`, (drive.content ?? "").padEnd(sectors * 512, "\0"));
  }

  /** With its directories, one byte a character; a path that ends in `/` is a directory. */
  async addFile(path: string, content: string): Promise<void> {
    if (path.endsWith("/")) await this.files.makeDirectory(path, { parents: true });
    else {
      await this.files.makeDirectory(posix.dirname(path), { parents: true });
      await this.files.writeFile(path, Buffer.from(content, "latin1"));
    }
  }
}

/** The start of an LVM physical volume: the label in the second sector. */
export const LVM_MEMBER = `${"\0".repeat(512)}LABELONE${"\0".repeat(16)}LVM2 001`;
