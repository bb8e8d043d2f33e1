import { describe, expect, test } from "vitest";
import { renderPartitionCommand } from "../../../../src/storage/make/partition-table.ts";
import { planCommands } from "../../../../src/storage/make/planned-commands.ts";
import { bootDriveVolumes } from "../../../../src/storage/plan/plan.ts";
import { renderCrypttab, renderFstab } from "../../../../src/storage/target/fstab.ts";
import { planCopiedMounts, planEarlyMounts } from "../../../../src/storage/target/mount-target.ts";
import { drive, GIB, layout, MIB, partition, plan } from "./plan-fixtures.ts";

const root = partition("/", { minimumBytes: GIB, fileSystemType: "xfs" });
const swap = partition("", { minimumBytes: GIB, fileSystemType: "swap" });
const mixed = [
  root,
  swap,
  partition("/var", { minimumBytes: GIB, fileSystemType: "btrfs" }),
  partition("/home", { minimumBytes: GIB }),
];

const commandLines = (...args: Parameters<typeof plan>) =>
  planCommands(plan(...args)).map(({ command }) => [command.program, ...command.args].join(" "));

describe("xfs, btrfs and swap", () => {
  const request = {
    layout: layout(mixed, { encrypt: true }),
    drives: [drive("sda"), drive("nvme1n1")] as const,
  };

  test("the types reach the partition table", () => {
    const { bootDrive, firmware } = plan(request);
    expect(renderPartitionCommand(bootDrive, firmware).args.join(" ")).toContain(
      "mkpart primary xfs 2MiB 1026MiB mkpart primary linux-swap 1026MiB 2050MiB " +
        "mkpart primary btrfs 2050MiB 3074MiB mkpart primary ext4 3074MiB 4098MiB",
    );
  });

  test("every program that will be run is known before, in order", () => {
    const luks = (device: string) => [
      "cryptsetup --verbose --batch-mode --type luks2 --key-file /etc/crypt.key --cipher aes-xts-plain64 --key-size 512 " +
        `--hash sha512 --iter-time 5000 --use-urandom luksFormat /dev/${device}`,
      `cryptsetup open --type luks --allow-discards --key-file /etc/crypt.key /dev/${device} ${device}`,
    ];
    const lazy = "-E lazy_itable_init=0,lazy_journal_init=0";
    const lines = commandLines(request);
    expect(lines[0]).toBe("blkdiscard /dev/sda");
    expect(lines[1]).toMatch(/^parted -s -a optimal \/dev\/sda mklabel gpt /);
    expect(lines.slice(2)).toEqual([
      "mkfs.xfs -f -L rootfs /dev/sda1",
      ...luks("sda2"),
      "mkswap -L swap /dev/mapper/sda2",
      ...luks("sda3"),
      "mkfs.btrfs -f -L /var /dev/mapper/sda3",
      ...luks("sda4"),
      `mkfs.ext4 -L /home ${lazy} /dev/mapper/sda4`,
      ...luks("sda5"),
      `mkfs.ext4 -i 65536 -L /data/0 ${lazy} /dev/mapper/sda5`,
      "blkdiscard /dev/nvme1n1",
      ...luks("nvme1n1"),
      `mkfs.ext4 -i 1048576 -L /data/1 ${lazy} /dev/mapper/nvme1n1`,
    ]);
    expect(planCommands(plan(request)).map(({ drive: name }) => name)).toEqual([
      ...Array.from({ length: 15 }, () => "sda"),
      ...Array.from({ length: 4 }, () => "nvme1n1"),
    ]);
  });

  test("fstab has swap without a mount point, and nothing for fsck to do where it could do nothing", () => {
    expect(renderFstab(plan(request), new Set(["sda"]))).toBe(
      [
        "LABEL=rootfs           /          xfs   discard    0 0",
        "LABEL=swap             none       swap  sw         0 0",
        "LABEL=/var             /var       btrfs discard    0 0",
        "LABEL=/home            /home      ext4  discard    0 2",
        "LABEL=/data/0          /data/0    ext4  discard    0 3",
        "LABEL=/data/1          /data/1    ext4  defaults   0 2",
        "",
      ].join("\n"),
    );
  });

  test("nothing mounts swap while installing", () => {
    const found = plan(request);
    expect(planEarlyMounts(found).map(({ fileSystem }) => fileSystem.mountPoint)).toEqual([
      "/",
      "/var",
      "/home",
    ]);
    expect(planCopiedMounts(found)).toEqual([]);
  });
});

describe("swap", () => {
  test("several areas get labels of their own", () => {
    const named = { ...swap, fileSystemLabel: "fast" };
    const found = plan({ layout: layout([partition("/", { minimumBytes: GIB }), swap, named, swap]) });
    expect(bootDriveVolumes(found).map(({ fileSystem }) => fileSystem.label)).toEqual([
      "rootfs",
      "swap",
      "fast",
      "swap1",
      "/data/0",
    ]);
  });

  test.each(["", "none", "swap"])("may be written with mount point %j", (mountPoint) => {
    const found = plan({ layout: layout([root, { ...swap, mountPoint }]) });
    expect(bootDriveVolumes(found)[1]).toMatchObject({ purpose: "swap", fileSystem: { mountPoint: "none" } });
  });

  test("is not mounted anywhere", () => {
    expect(() => plan({ layout: layout([root, { ...swap, mountPoint: "/swap" }]) })).toThrow(
      expect.objectContaining({
        code: "E_LAYOUT_MOUNT_POINT",
        message: 'storage layout: mount point "/swap" is that of swap, which takes "none"',
      }),
    );
  });

  test("of two areas with one label neither could be told from the other", () => {
    expect(() => plan({ layout: layout([root, swap, { ...swap, fileSystemLabel: "swap" }]) })).toThrow(
      expect.objectContaining({
        code: "E_LAYOUT_LABEL",
        message: 'storage layout: label "swap" of swap on /dev/sda3 is already that of swap on /dev/sda2',
      }),
    );
  });
});

describe("what a file-system does not have is refused", () => {
  test.each([
    ["xfs", { bytesPerInode: 4096 }, "BytesPerInode=4096: only ext4 has that, this is xfs"],
    [
      "btrfs",
      { reservedBlocksPercentage: 1 },
      "ReservedBlocksPercentage=1: only ext4 has that, this is btrfs",
    ],
    ["xfs", { rootUserId: 1 }, "RootUserId=1: only ext4 has that, this is xfs"],
    ["vfat", { rootGroupId: 1 }, "RootGroupId=1: only ext4 has that, this is vfat"],
  ] as const)("%s with %j", (fileSystemType, changes, what) => {
    const odd = partition("/srv", { minimumBytes: GIB, fileSystemType, ...changes });
    expect(() => plan({ layout: layout([root, odd]) })).toThrow(
      expect.objectContaining({ code: "E_LAYOUT_VALUE", message: `storage layout: partition /srv: ${what}` }),
    );
  });

  test.each(["vfat", "swap"] as const)("a root of type %s", (fileSystemType) => {
    const odd = partition(fileSystemType === "swap" ? "none" : "/", { minimumBytes: GIB, fileSystemType });
    expect(() => plan({ layout: layout([odd]) })).toThrow(
      expect.objectContaining({ code: fileSystemType === "swap" ? "E_LAYOUT_NO_ROOT" : "E_LAYOUT_VALUE" }),
    );
  });
});

describe("too small for mkfs", () => {
  test.each([
    ["xfs", 299, false, "xfs needs at least 300 MiB"],
    ["xfs", 315, true, "xfs with encryption needs at least 316 MiB"],
    ["btrfs", 108, false, "btrfs needs at least 109 MiB"],
    ["btrfs", 124, true, "btrfs with encryption needs at least 125 MiB"],
  ] as const)("%s on %i MiB, encrypted: %s", (fileSystemType, sizeMiB, encrypt, what) => {
    const planned = (sizeBytes: number) =>
      plan({
        layout: layout([root, partition("/srv", { minimumBytes: sizeBytes, fileSystemType })], { encrypt }),
      });
    expect(() => planned(sizeMiB * MIB)).toThrow(
      expect.objectContaining({
        code: "E_LAYOUT_SIZE",
        message: `storage layout: /srv on /dev/sda2 has ${sizeMiB} MiB, ${what}`,
      }),
    );
    expect(() => planned((sizeMiB + 1) * MIB)).not.toThrow();
  });

  test("the rest of the drive counts, too", () => {
    const rest = partition("/data/0", { fileSystemType: "xfs" });
    const on = (sizeBytes: number) =>
      plan({ layout: layout([root, rest]), drives: [drive("sda", { sizeBytes })] });
    expect(() => on(1340 * MIB)).toThrow(expect.objectContaining({ code: "E_DRIVE_TOO_SMALL" }));
    expect(on(1341 * MIB).bootDrive.partitions[1]?.startBytes).toBe(1025 * MIB);
  });

  test("so few inodes that mkfs.ext4 cannot make any are refused", () => {
    const few = partition("/srv", { minimumBytes: 15 * MIB, bytesPerInode: MIB });
    expect(() => plan({ layout: layout([root, few]) })).toThrow(
      expect.objectContaining({
        code: "E_LAYOUT_INODES",
        message:
          "storage layout: /srv on /dev/sda2 would have 15 inodes with BytesPerInode=1048576, ext4 needs at least 16",
      }),
    );
  });
});

describe("MountBy uuid", () => {
  const found = plan({
    firmware: "efi",
    drives: [drive("sda"), drive("sdb")],
    layout: layout([root, swap, partition("/home", { minimumBytes: GIB })], {
      encrypt: true,
      mountBy: "uuid",
    }),
  });
  const uuid = (number: number) =>
    `${String(number).padStart(8, "0")}-0000-4000-8000-${String(number).padStart(12, "0")}`;

  test("fstab has identifiers, in the form of each file-system", () => {
    expect(
      renderFstab(found, new Set())
        .split("\n")
        .map((line) => line.split(" ")[0]),
    ).toEqual([
      `UUID=${uuid(2)}`,
      "UUID=0000-0001",
      `UUID=${uuid(3)}`,
      `UUID=${uuid(5)}`,
      `UUID=${uuid(7)}`,
      `UUID=${uuid(9)}`,
      "",
    ]);
  });

  test("so has crypttab; the mappings keep their names", () => {
    expect(renderCrypttab(found, new Set(["sda"]))).toBe(
      [
        `sda3            UUID=${uuid(4)} /etc/crypt.key  discard`,
        `sda4            UUID=${uuid(6)} /etc/crypt.key  discard`,
        `sda5            UUID=${uuid(8)} /etc/crypt.key  discard`,
        `sdb             UUID=${uuid(10)} /etc/crypt.key  `,
        "",
      ].join("\n"),
    );
  });

  test("the programs get the same ones", () => {
    const lines = planCommands(found).map(({ command }) => command.args.join(" "));
    expect(lines).toEqual(
      expect.arrayContaining([
        "--codepage=437 -n EFI -i 00000001 /dev/sda1",
        `-f -L rootfs -m uuid=${uuid(2)} /dev/sda2`,
        `-L swap -U ${uuid(3)} /dev/mapper/sda3`,
        expect.stringContaining(`--use-urandom --uuid ${uuid(4)} luksFormat /dev/sda3`),
        `-L /home -E lazy_itable_init=0,lazy_journal_init=0 -U ${uuid(5)} /dev/mapper/sda4`,
      ]),
    );
  });

  test("btrfs takes it, too", () => {
    const data = partition("/data/0", { fileSystemType: "btrfs" });
    expect(commandLines({ layout: layout([root, data], { mountBy: "uuid" }) }).at(-1)).toBe(
      `mkfs.btrfs -f -L /data/0 -U ${uuid(2)} /dev/sda2`,
    );
  });

  test("with labels nobody asks for an identifier", () => {
    const newUuid = () => {
      throw new Error("asked");
    };
    expect(() => plan({ newUuid, layout: layout(mixed, { encrypt: true }) })).not.toThrow();
  });
});
