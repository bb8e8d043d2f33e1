import { spawnSync } from "node:child_process";
import { closeSync, openSync, truncateSync, writeFileSync, writeSync } from "node:fs";

const KIB = 1024;
/** OpenZFS, "ZFS On-Disk Specification" 1.3: a label holds a ring of uberblocks from here on. */
const ZFS_UBERBLOCKS_OFFSET = 128 * KIB;
const ZFS_UBERBLOCK_BYTES = KIB;
const ZFS_UBERBLOCK_COUNT = 8;
const ZFS_UBERBLOCK_MAGIC = 0x00bab10cn;

/** Disk images that look like drives with a past; each function makes a sparse file of `sizeBytes`. */

export function makeLvmMember(image: string, sizeBytes: number): void {
  makeEmpty(image, sizeBytes);
  const device = command("losetup", "--find", "--show", image).trim();
  try {
    const devices = "devices { obtain_device_list_from_udev = 0 use_devicesfile = 0 }";
    command("lvm", "pvcreate", "-q", "-y", "--config", devices, device);
  } finally {
    command("losetup", "--detach", device);
  }
  expectType(image, "LVM2_member");
}

export function makeZfsMember(image: string, sizeBytes: number): void {
  makeEmpty(image, sizeBytes);
  const magic = Buffer.alloc(8);
  magic.writeBigUInt64LE(ZFS_UBERBLOCK_MAGIC);
  const descriptor = openSync(image, "r+");
  for (let index = 0; index < ZFS_UBERBLOCK_COUNT; index++)
    writeSync(descriptor, magic, 0, magic.length, ZFS_UBERBLOCKS_OFFSET + index * ZFS_UBERBLOCK_BYTES);
  closeSync(descriptor);
  expectType(image, "zfs_member");
}

/** A stick without partitions, as many are sold. */
export function makeStick(image: string, sizeBytes: number): void {
  makeEmpty(image, sizeBytes);
  command("mkfs.vfat", "-n", "BOOTSTICK", image);
  expectType(image, "vfat");
}

export function makeEmpty(image: string, sizeBytes: number): void {
  writeFileSync(image, "");
  truncateSync(image, sizeBytes);
}

/** Of the whole image, holes included. */
export function sha256(image: string): string {
  return command("sha256sum", image).slice(0, 64);
}

function expectType(image: string, type: string): void {
  const found = command("blkid", "--probe", "--output", "value", "--match-tag", "TYPE", image).trim();
  if (found !== type) throw new Error(`${image}: made as ${type}, but blkid says ${found}`);
}

function command(program: string, ...args: readonly string[]): string {
  const result = spawnSync(program, args, { encoding: "utf8" });
  if (result.status !== 0) throw new Error(`${[program, ...args].join(" ")}: ${result.stderr}`);
  return result.stdout;
}
