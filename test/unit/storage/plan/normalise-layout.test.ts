import { describe, expect, test } from "vitest";
import { normaliseLayout } from "../../../../src/storage/plan/normalise-layout.ts";
import { layout, MIB, partition } from "./plan-fixtures.ts";

const normalise = (...args: Parameters<typeof layout>) => normaliseLayout(layout(...args), "bios");
const normaliseEfi = (...args: Parameters<typeof layout>) => normaliseLayout(layout(...args), "efi");

test("labels and the data partition are added", () => {
  const { partitions, notes } = normalise([partition("/boot"), partition("/"), partition("/srv/")]);
  expect(partitions.map(({ mountPoint, fileSystemLabel }) => [mountPoint, fileSystemLabel])).toEqual([
    ["/boot", "bootfs"],
    ["/", "rootfs"],
    ["/srv", "/srv"],
    ["/data/0", "/data/0"],
  ]);
  expect(notes).toEqual(["adding implied last partition: /data/0"]);
});

test("a configured data partition is taken as the last", () => {
  const { partitions, notes } = normalise([
    partition("/"),
    partition("/data/0", { fileSystemLabel: "bulk" }),
  ]);
  expect(partitions.map(({ fileSystemLabel }) => fileSystemLabel)).toEqual(["rootfs", "bulk"]);
  expect(notes).toEqual([]);
});

test("without a base name for data, /data/ is used (the original made an unmountable `0` of it)", () => {
  const { partitions, dataBasename } = normalise([partition("/")], { extraMountPointsBasename: "" });
  expect(dataBasename).toBe("/data/");
  expect(partitions.at(-1)?.mountPoint).toBe("/data/0");
});

describe("the EFI partition", () => {
  const summary = (partitions: readonly ReturnType<typeof partition>[]) =>
    normaliseEfi(partitions).partitions.map((entry) => [
      entry.mountPoint,
      entry.fileSystemType,
      entry.fileSystemLabel,
      entry.minimumFreeBytes / MIB,
    ]);

  test("is added in front", () => {
    expect(summary([partition("/")])).toEqual([
      ["/mnt/efi", "vfat", "EFI", 128],
      ["/", "ext4", "rootfs", 0],
      ["/data/0", "ext4", "/data/0", 0],
    ]);
  });

  test("takes the place of /boot, with its free space", () => {
    const boot = partition("/boot", { minimumFreeBytes: 200 * MIB, fileSystemLabel: "lost" });
    expect(summary([partition("/"), boot])[0]).toEqual(["/boot", "vfat", "bootfs", 200]);
  });

  test("is a configured /boot/efi as well, wherever it stands, with its own fields", () => {
    const efi = partition("/boot/efi", {
      fileSystemLabel: "ESP",
      minimumBytes: 512 * MIB,
      fileSystemType: "vfat",
    });
    expect(summary([partition("/"), partition("/boot", { minimumBytes: 1 }), efi])).toEqual([
      ["/boot/efi", "vfat", "ESP", 128],
      ["/", "ext4", "rootfs", 0],
      ["/boot", "ext4", "bootfs", 0],
      ["/data/0", "ext4", "/data/0", 0],
    ]);
    expect(normaliseEfi([partition("/"), efi]).partitions[0]?.minimumBytes).toBe(512 * MIB);
  });

  test("may be larger than the least", () => {
    const efi = partition("/boot/efi", { minimumFreeBytes: 300 * MIB });
    expect(summary([partition("/"), efi])[0]).toEqual(["/boot/efi", "vfat", "EFI", 300]);
  });

  test.each(["bios", "efi"] as const)("cannot be two: %s", (firmware) => {
    const two = layout([partition("/"), partition("/boot/efi"), partition("/mnt/efi")]);
    expect(() => normaliseLayout(two, firmware)).toThrow(
      expect.objectContaining({
        code: "E_LAYOUT_MOUNT_POINT",
        message: "storage layout: /boot/efi and /mnt/efi are both EFI partitions; there can be one",
      }),
    );
  });

  test.each<[Parameters<typeof partition>[1], string]>([
    [{ fileSystemType: "xfs" }, "FileSystemType=xfs: an EFI partition must be vfat"],
    [{ reservedBlocksPercentage: 1 }, "ReservedBlocksPercentage=1: only ext4 has that, this is vfat"],
  ])("cannot have %j", (changes, what) => {
    expect(() => normaliseEfi([partition("/"), partition("/boot/efi", changes)])).toThrow(
      expect.objectContaining({
        code: "E_LAYOUT_VALUE",
        message: `storage layout: partition /boot/efi: ${what}`,
      }),
    );
  });

  test("is the configured one when there is one (the original made a second), and /boot stays", () => {
    const efi = partition("/mnt/efi", { fileSystemLabel: "ESP", minimumFreeBytes: 64 * MIB });
    expect(summary([partition("/"), partition("/boot", { minimumBytes: 1 }), efi])).toEqual([
      ["/mnt/efi", "vfat", "ESP", 128],
      ["/", "ext4", "rootfs", 0],
      ["/boot", "ext4", "bootfs", 0],
      ["/data/0", "ext4", "/data/0", 0],
    ]);
  });
});

describe("a layout that cannot work is refused", () => {
  test.each<[code: string, message: string, ...Parameters<typeof layout>]>([
    ["E_LAYOUT_NO_ROOT", "no root partition specified in layout", []],
    ["E_LAYOUT_NO_ROOT", "no root partition specified in layout", [partition("/home")]],
    [
      "E_LAYOUT_SIZE",
      "last partition: /data/0 has MinimumBytes=300 MiB",
      [partition("/"), partition("/data/0", { minimumBytes: 300 * MIB })],
    ],
    [
      "E_LAYOUT_SIZE",
      "last partition: / has MinimumFreeBytes=1 GiB",
      [partition("/data/0"), partition("/", { minimumFreeBytes: 1024 * MIB })],
    ],
    [
      "E_LAYOUT_MOUNT_POINT",
      'storage layout: mount point "data/0" is not an absolute path',
      [partition("/")],
      { extraMountPointsBasename: "data/" },
    ],
    [
      "E_LAYOUT_VALUE",
      "storage layout: partition /: FileSystemType=vfat: a root file-system must be ext4, xfs or btrfs",
      [partition("/", { fileSystemType: "vfat" })],
    ],
    [
      "E_LAYOUT_VALUE",
      "storage layout: partition /: ReservedBlocksPercentage=51: expected at most 50",
      [partition("/", { reservedBlocksPercentage: 51 })],
    ],
    [
      "E_LAYOUT_VALUE",
      "storage layout: partition /: BytesPerInode=512: expected 1024 to 67108864",
      [partition("/", { bytesPerInode: 512 })],
    ],
    [
      "E_LAYOUT_LABEL",
      'storage layout: label "two words" of / has characters that a label of ext4 must not have',
      [partition("/", { fileSystemLabel: "two words" })],
    ],
  ])("%s: %s", (code, message, ...args) => {
    expect(() => normalise(...args)).toThrow(expect.objectContaining({ code, message }));
  });
});
