import { run } from "../../support/scratch.ts";

// What the tools of other people say about a drive.

export interface SfdiskPartition {
  readonly node: string;
  /** In sectors. */
  readonly start: number;
  readonly size: number;
  /** Hexadecimal byte, or GUID. */
  readonly type: string;
  /** Only in a GPT. */
  readonly name?: string;
  readonly bootable?: boolean;
}

export interface SfdiskTable {
  /** `dos` or `gpt`. */
  readonly label: string;
  readonly sectorsize: number;
  readonly partitions: readonly SfdiskPartition[];
}

export function readTable(devicePath: string): SfdiskTable {
  return JSON.parse(run("sfdisk", ["-J", devicePath])).partitiontable;
}

/** The device's own signature, past every cache. */
export function blkid(devicePath: string): Readonly<Record<string, string>> {
  const output = run("blkid", ["-p", "-o", "export", devicePath]);
  return Object.fromEntries(
    output.split("\n").flatMap((line) => {
      const at = line.indexOf("=");
      return at < 0 ? [] : [[line.slice(0, at), line.slice(at + 1).replaceAll("\\", "")]];
    }),
  );
}

/** The fields of an ext4 superblock, as `dumpe2fs -h` calls them. */
export function dumpe2fs(devicePath: string): Readonly<Record<string, string>> {
  return parseFields(run("dumpe2fs", ["-h", devicePath]));
}

/** The same by tune2fs. */
export function tune2fs(devicePath: string): Readonly<Record<string, string>> {
  return parseFields(run("tune2fs", ["-l", devicePath]));
}

export interface LsblkDevice {
  readonly name: string;
  readonly type: string;
  readonly size: number;
  readonly "log-sec": number;
  readonly children?: readonly LsblkDevice[];
}

/**
 * A drive and its partitions, these by number, as the kernel sees them; what they carry lsblk only repeats from udev, when that
 * is running.
 */
export function lsblk(devicePath: string): LsblkDevice {
  const args = ["--json", "-b", "-o", "NAME,TYPE,SIZE,LOG-SEC", devicePath];
  const [device]: readonly [LsblkDevice] = JSON.parse(run("lsblk", args)).blockdevices;
  const number = ({ name }: LsblkDevice) => Number(/\d+$/.exec(name)?.[0]);
  const children = device.children?.toSorted((a, b) => number(a) - number(b));
  return children === undefined ? device : { ...device, children };
}

export interface FoundMount {
  readonly source: string;
  readonly target: string;
  readonly fstype: string;
}

/** The mounts at and below a directory, in kernel order. */
export function findmnt(directory: string): readonly FoundMount[] {
  const args = ["--json", "--list", "-o", "SOURCE,TARGET,FSTYPE", "-R", directory];
  return JSON.parse(run("findmnt", args)).filesystems;
}

function parseFields(text: string): Readonly<Record<string, string>> {
  return Object.fromEntries(
    text.split("\n").flatMap((line) => {
      const at = line.indexOf(":");
      return at < 0 ? [] : [[line.slice(0, at), line.slice(at + 1).trim()]];
    }),
  );
}
