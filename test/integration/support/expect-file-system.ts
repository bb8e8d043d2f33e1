import { expect } from "vitest";
import { run } from "../../support/scratch.ts";
import { blkid, dumpe2fs, tune2fs } from "./read-storage.ts";
import type { Tuning } from "./storage-layouts.ts";

const MIB = 2 ** 20;

const INODE_BYTES = 256;

/** e2fsprogs makes no journal in less (ext2fs_default_journal_size). */
const SMALLEST_WITH_JOURNAL_BLOCKS = 2048;

/** What a device has to carry. */
export interface ExpectedFileSystem {
  readonly type: string;
  readonly label: string;
  readonly sizeMiB: number;
  readonly sectorBytes: number;
  /** Of an ext4, "mkfs": what mke2fs.conf says for the size. */
  readonly bytesPerInode: number | "mkfs";
  readonly tuning: Tuning;
}

/** Holds the file-system on a device against what was expected, with tools that had no part in making it. */
export function expectFileSystem(device: string, expected: ExpectedFileSystem): void {
  const { type, label, sectorBytes } = expected;
  const found = blkid(device);
  expect(found).toMatchObject({ TYPE: type, LABEL: label });
  expect(found["UUID"]).toMatch(type === "vfat" ? /^[0-9A-F]{4}-[0-9A-F]{4}$/ : /^[0-9a-f-]{36}$/);
  switch (type) {
    case "ext4":
      expectExt4(device, expected);
      expect(found["BLOCK_SIZE"]).toBe(String(ext4BlockBytes(expected)));
      expect(run("e2fsck", ["-fn", device])).not.toMatch(/\? no\n|WARNING/);
      break;
    case "vfat":
      expect(found["BLOCK_SIZE"]).toBe(String(sectorBytes));
      expect(run("fsck.vfat", ["-n", device])).toMatch(/^.*: \d+ files, \d+\/\d+ clusters$/m);
      break;
    case "xfs":
      expect(found["BLOCK_SIZE"]).toBe(String(sectorBytes));
      run("xfs_repair", ["-n", device]);
      expect(run("xfs_db", ["-r", "-c", "label", device])).toContain(`"${label}"`);
      break;
    case "btrfs":
      run("btrfs", ["check", "--readonly", device]);
      expect(run("btrfs", ["filesystem", "label", device]).trim()).toBe(label);
      break;
    case "swap":
      expect(run("swaplabel", [device])).toMatch(new RegExp(`^LABEL: +${label}$`, "m"));
      break;
    default:
      throw new Error(`no idea how to look at a ${type}`);
  }
}

/** mke2fs.conf: small file-systems have small blocks, unless the sectors are larger. */
function ext4BlockBytes({ sizeMiB, sectorBytes }: ExpectedFileSystem): number {
  return Math.max(sizeMiB < 512 ? 1024 : 4096, sectorBytes);
}

/** mke2fs.conf: `floppy`, `small` and the default; nothing here has the size of a `big` one. */
function bytesPerInodeByMkfs(sizeMiB: number): number {
  if (sizeMiB < 3) return 8192;
  return sizeMiB < 512 ? 4096 : 16384;
}

function expectExt4(device: string, expected: ExpectedFileSystem): void {
  const { label, sizeMiB, tuning } = expected;
  const fields = dumpe2fs(device);
  const blockBytes = ext4BlockBytes(expected);
  const blocks = Number(fields["Block count"]);
  expect(fields["Filesystem volume name"]).toBe(label);
  expect(Number(fields["Block size"])).toBe(blockBytes);
  expect(fields["Filesystem state"]).toBe("clean");
  // The last group is left out when it is too small for its own tables.
  expect(blocks * blockBytes).toBeLessThanOrEqual(sizeMiB * MIB);
  expect(blocks * blockBytes).toBeGreaterThan(sizeMiB * MIB * 0.98);
  const features = fields["Filesystem features"]?.split(" ");
  expect(features).toEqual(expect.arrayContaining(["extent", "64bit", "metadata_csum"]));
  expect(features?.includes("has_journal")).toBe(blocks >= SMALLEST_WITH_JOURNAL_BLOCKS);

  const asked = tuning.bytesPerInode ?? expected.bytesPerInode;
  const bytesPerInode = asked === "mkfs" ? bytesPerInodeByMkfs(sizeMiB) : asked;
  const inodes = Number(fields["Inode count"]);
  const wanted = (sizeMiB * MIB) / bytesPerInode;
  // Every group has the same number, in whole blocks of inodes.
  const perGroup = Number(fields["Blocks per group"]);
  const groups = Math.ceil(blocks / perGroup);
  expect(inodes).toBeGreaterThan(wanted * 0.98);
  expect(inodes).toBeLessThan(wanted * 1.02 + groups * (blockBytes / INODE_BYTES + 8));

  const percent = tuning.reservedPercent ?? 5;
  const reserved = Number(tune2fs(device)["Reserved block count"]);
  // mke2fs may count without a last group that it first finds too small.
  const fewest = groups === 1 ? blocks : blocks - (blocks % perGroup);
  expect(reserved).toBeGreaterThanOrEqual(Math.floor((fewest * percent) / 100) - 1);
  expect(reserved).toBeLessThanOrEqual((((sizeMiB * MIB) / blockBytes) * percent) / 100);

  // Tables that the kernel would have to zero later would slow the new system down.
  const groupLines = run("dumpe2fs", [device]).match(/^Group \d+: .*$/gm) ?? [];
  expect(groupLines).toHaveLength(groups);
  for (const line of groupLines) expect(line).toContain("ITABLE_ZEROED");

  const [user, group] = tuning.owner ?? [0, 0];
  const top = run("debugfs", ["-R", "stat /", device]);
  expect(top).toMatch(new RegExp(`User: +${user} +Group: +${group} `));
  expect(top).toMatch(/Type: directory +Mode: +0755 /);
}
