import { describe, expect, test } from "vitest";
import { bootDriveVolumes, fileSystemDevice, volumesOf } from "../../../../src/storage/plan/plan.ts";
import { drive, GIB, layout, MIB, ordinaryPartitions, partition, plan } from "./plan-fixtures.ts";

test("the ordinary layout on an ordinary machine", () => {
  const found = plan({
    drives: [drive("nvme0n1"), drive("sda")],
    layout: layout(undefined, { encrypt: true }),
  });
  expect(
    volumesOf(found).map((volume) => [
      volume.purpose,
      fileSystemDevice(volume),
      volume.fileSystem.mountPoint,
      volume.fileSystem.bytesPerInode,
      volume.fileSystem.fsckPass,
    ]),
  ).toEqual([
    ["root", "/dev/nvme0n1p1", "/", undefined, 1],
    ["other", "/dev/mapper/nvme0n1p2", "/home", undefined, 2],
    ["other", "/dev/mapper/nvme0n1p3", "/var/log", undefined, 3],
    ["data", "/dev/mapper/nvme0n1p4", "/data/0", 65536, 4],
    ["data", "/dev/mapper/sda", "/data/1", 1048576, 2],
  ]);
  expect(found.bootDrive).toMatchObject({ tableType: "msdos", bootPartition: 1 });
});

test.each([
  [0, 0, 16 * MIB, 32 * MIB],
  [0, 100 * MIB, 16 * MIB, 116 * MIB],
  [0, 8 * MIB, 16 * MIB, 32 * MIB],
  [64 * MIB, 0, 16 * MIB, 64 * MIB],
  [0, 0, 2_891_840, 6 * MIB],
  [0, 2048 * MIB, 2_891_840, 2051 * MIB],
  [0, 0, 69_760, MIB],
])(
  "root with MinimumBytes %i, MinimumFreeBytes %i, image of %i bytes: %i bytes",
  (minimumBytes, minimumFreeBytes, imageUsageBytes, size) => {
    const root = partition("/", { minimumBytes, minimumFreeBytes });
    const found = plan({ layout: layout([root]), imageUsageBytes, imageInodeCount: 10 });
    expect(bootDriveVolumes(found)[0]?.sizeBytes).toBe(size);
  },
);

describe("what the firmware is pointed to", () => {
  const withBoot = [partition("/", { minimumBytes: GIB }), partition("/boot", { minimumBytes: 200 * MIB })];
  test.each([
    ["bios", ordinaryPartitions, 1],
    ["bios", withBoot, 2],
    ["bios", [...ordinaryPartitions, partition("/boot", { minimumBytes: 200 * MIB })], 6],
    ["bios", [partition("/boot/efi", { minimumBytes: MIB }), partition("/", { minimumBytes: GIB })], 2],
    ["bios", [partition("/mnt/efi", { minimumBytes: MIB }), partition("/", { minimumBytes: GIB })], 2],
    ["efi", ordinaryPartitions, 1],
    ["efi", withBoot, 1],
  ] as const)("%s, case %#", (firmware, partitions, number) => {
    expect(plan({ firmware, layout: layout(partitions) }).bootDrive.bootPartition).toBe(number);
  });
});

describe("inodes of the root file-system", () => {
  test("the default of mkfs is left alone when it has enough", () => {
    expect(bootDriveVolumes(plan())[0]?.fileSystem.bytesPerInode).toBeUndefined();
  });

  test("an image of many small files gets more of them", () => {
    const found = plan({ imageInodeCount: 300_000 });
    expect(bootDriveVolumes(found)[0]?.fileSystem.bytesPerInode).toBe(2048);
  });

  test("too few by the operator's own choice is an error", () => {
    const root = partition("/", { minimumBytes: GIB, bytesPerInode: MIB });
    expect(() => plan({ layout: layout([root]), imageInodeCount: 5000 })).toThrow(
      expect.objectContaining({
        code: "E_LAYOUT_INODES",
        message: "planning the root file-system of 1 GiB: it would have 960 inodes, the image needs 5000",
      }),
    );
  });
});

test("an encrypted partition without room behind its header is refused", () => {
  const tiny = [partition("/", { minimumBytes: GIB }), partition("/srv", { minimumBytes: 31 * MIB })];
  expect(() => plan({ layout: layout(tiny) })).not.toThrow();
  expect(() => plan({ layout: layout(tiny, { encrypt: true }) })).toThrow(
    expect.objectContaining({
      code: "E_LAYOUT_SIZE",
      message: "storage layout: /srv on /dev/sda2 has 31 MiB, ext4 with encryption needs at least 32 MiB",
    }),
  );
});

describe("names are used once over all drives", () => {
  test.each([
    [
      "E_LAYOUT_MOUNT_POINT",
      "storage layout: mount point /home is used twice",
      layout([...ordinaryPartitions, partition("/home/", { minimumBytes: 1, fileSystemLabel: "h2" })]),
    ],
    [
      "E_LAYOUT_MOUNT_POINT",
      "storage layout: mount point /data/1 is used twice",
      layout([...ordinaryPartitions, partition("/data/1", { minimumBytes: 1, fileSystemLabel: "mine" })]),
    ],
    [
      "E_LAYOUT_LABEL",
      'storage layout: label "rootfs" of /home is already that of /',
      layout([
        partition("/", { minimumBytes: GIB }),
        partition("/home", { minimumBytes: GIB, fileSystemLabel: "rootfs" }),
      ]),
    ],
    [
      "E_LAYOUT_LABEL",
      'storage layout: label "/volumes/storage" of /volumes/storage/1 is already that of /volumes/storage/0',
      layout(undefined, { extraMountPointsBasename: "/volumes/storage/" }),
    ],
  ])("%s: %s", (code, message, changed) => {
    expect(() => plan({ layout: changed, drives: [drive("sda"), drive("sdb")] })).toThrow(
      expect.objectContaining({ code, message }),
    );
  });
});
