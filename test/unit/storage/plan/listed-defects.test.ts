import { describe, expect, test } from "vitest";
import { checkBootable, chooseBootFiles } from "../../../../src/storage/boot/boot-info.ts";
import { selectDrives } from "../../../../src/storage/drives/select-drives.ts";
import { renderMakeFileSystem } from "../../../../src/storage/make/make-file-system.ts";
import {
  bootDriveVolumes,
  fileSystemDevice,
  type StoragePlan,
  type Volume,
  volumesOf,
} from "../../../../src/storage/plan/plan.ts";
import { renderFstab } from "../../../../src/storage/target/fstab.ts";
import {
  makeMountPoints,
  mountSystemDirectories,
  mountTarget,
  planEarlyMounts,
} from "../../../../src/storage/target/mount-target.ts";
import { planUnmount } from "../../../../src/storage/target/unmount.ts";
import { FakeEnvironment } from "../fake-environment.ts";
import { drive, GIB, layout, MIB, ordinaryPartitions, partition, plan, TIB } from "./plan-fixtures.ts";

// One test or more for each defect of the original that spec/storage.md section 10 lists and that a plan can avoid. The
// numbers are those of the list.

const labelsOf = (found: StoragePlan) => volumesOf(found).map(({ fileSystem }) => fileSystem.label);

function volumeOn(found: StoragePlan, mountPoint: string): Volume {
  const volume = volumesOf(found).find(({ fileSystem }) => fileSystem.mountPoint === mountPoint);
  if (volume === undefined) throw new Error(`nothing is planned on ${mountPoint}`);
  return volume;
}

test("1: a root-only layout is not unpacked into memory: its root is mounted and stays mounted", async () => {
  const machine = new FakeEnvironment();
  machine.addDirectory("/mnt");
  await using cleanup = new AsyncDisposableStack();
  await mountTarget(plan({ layout: layout([partition("/")]) }), "/mnt", machine.environment(), cleanup);
  await mountSystemDirectories("/mnt", machine.environment());
  expect(machine.actions[0]).toBe("mount /dev/sda1 on /mnt type ext4");
  expect(machine.actions.filter((action) => action.startsWith("unmount"))).toEqual([]);
});

test("2: the EFI partition of an encrypted layout without /boot is not looked for behind a mapping", () => {
  const found = plan({ firmware: "efi", layout: layout(undefined, { encrypt: true }) });
  expect(fileSystemDevice(volumeOn(found, "/mnt/efi"))).toBe("/dev/sda1");
  expect(fileSystemDevice(volumeOn(found, "/home"))).toBe("/dev/mapper/sda3");
});

test.each(["/mnt/efi", "/boot/efi"])("3: a configured %s does not lead to two EFI partitions", (efi) => {
  const found = plan({ firmware: "efi", layout: layout([...ordinaryPartitions, partition(efi)]) });
  expect(bootDriveVolumes(found).filter(({ fileSystem }) => fileSystem.type === "vfat")).toHaveLength(1);
  expect(labelsOf(found).filter((label) => label === "EFI")).toHaveLength(1);
  expect(found.bootDrive.bootPartition).toBe(1);
});

describe("4: partitions do not overlap", () => {
  test("an unsized partition that is not the last is refused", () => {
    const unsized = [partition("/home"), partition("/", { minimumBytes: GIB })];
    expect(() => plan({ layout: layout(unsized) })).toThrow(
      expect.objectContaining({
        code: "E_LAYOUT_SIZE",
        message:
          "storage layout: partition /home has neither MinimumBytes nor MinimumFreeBytes, and is not the last",
      }),
    );
  });

  test("so is a data partition that is not the last", () => {
    const first = [partition("/data/0"), partition("/", { minimumBytes: GIB })];
    expect(() => plan({ layout: layout(first) })).toThrow(expect.objectContaining({ code: "E_LAYOUT_SIZE" }));
  });

  test("and a second unsized one", () => {
    const two = [partition("/", { minimumBytes: GIB }), partition("/data/0"), partition("/srv")];
    expect(() => plan({ layout: layout(two) })).toThrow(
      expect.objectContaining({
        message:
          "storage layout: partition /data/0 has neither MinimumBytes nor MinimumFreeBytes, and is not the last",
      }),
    );
  });
});

describe("5: an MBR is not asked for more than it can hold", () => {
  test("five partitions", () => {
    const boot = partition("/boot", { minimumBytes: 200 * MIB });
    const { bootDrive } = plan({ layout: layout([boot, ...ordinaryPartitions]) });
    expect(bootDrive.tableType).toBe("gpt");
    expect(bootDrive.partitions.filter(({ volume }) => volume !== undefined)).toHaveLength(5);
  });

  test("a drive of more than 2 TiB is used to its end", () => {
    const { bootDrive } = plan({ drives: [drive("sda", { sizeBytes: 4 * TIB })] });
    expect(bootDrive.tableType).toBe("gpt");
    expect(bootDrive.partitions.find(({ openEnded }) => openEnded)?.endBytes).toBe(4 * TIB - MIB);
  });
});

test.each([
  ["nvme0n1", "/dev/nvme0n1p1"],
  ["mmcblk0", "/dev/mmcblk0p1"],
  ["loop7", "/dev/loop7p1"],
  ["vda", "/dev/vda1"],
  ["xvda", "/dev/xvda1"],
])("6: the first partition of %s is %s, whether or not the kernel shows it already", (name, devicePath) => {
  expect(bootDriveVolumes(plan({ drives: [drive(name)] }))[0]?.devicePath).toBe(devicePath);
});

describe("7: fstab names the label that mkfs really gave", () => {
  test("a long mount point is cut before mkfs would do it", () => {
    const long = partition("/var/lib/containers", { minimumBytes: GIB });
    const found = plan({ layout: layout([...ordinaryPartitions, long]) });
    expect(renderMakeFileSystem(volumeOn(found, "/var/lib/containers")).args).toContain("/var/lib/contain");
    expect(renderFstab(found, new Set())).toMatch(/^LABEL=\/var\/lib\/contain \/var\/lib\/containers /m);
  });

  test("two mount points that would be cut to one label are refused", () => {
    const alike = ["/var/lib/containers", "/var/lib/container-images"].map((mountPoint) =>
      partition(mountPoint, { minimumBytes: GIB }),
    );
    expect(() => plan({ layout: layout([...ordinaryPartitions, ...alike]) })).toThrow(
      expect.objectContaining({ code: "E_LAYOUT_LABEL" }),
    );
  });

  test.each([
    ["ext4", "a".repeat(17)],
    ["vfat", "a".repeat(12)],
    ["xfs", "a".repeat(13)],
    ["btrfs", "a".repeat(64)],
    ["swap", "a".repeat(16)],
  ] as const)("a configured label too long for %s is refused", (fileSystemType, fileSystemLabel) => {
    const mountPoint = fileSystemType === "swap" ? "none" : "/srv";
    const labelled = partition(mountPoint, { fileSystemType, fileSystemLabel, minimumBytes: GIB });
    expect(() => plan({ layout: layout([...ordinaryPartitions, labelled]) })).toThrow(
      expect.objectContaining({ code: "E_LAYOUT_LABEL" }),
    );
    const shorter = { ...labelled, fileSystemLabel: fileSystemLabel.slice(1) };
    expect(labelsOf(plan({ layout: layout([...ordinaryPartitions, shorter]) }))).toContain(
      fileSystemLabel.slice(1),
    );
  });
});

test("8: /var/log before /var in the layout is not hidden by it", () => {
  const reversed = ["/var/log", "/var", "/"].map((mountPoint) =>
    partition(mountPoint, { minimumBytes: GIB }),
  );
  const mounted = planEarlyMounts(plan({ layout: layout(reversed) }));
  expect(mounted.map(({ fileSystem }) => fileSystem.mountPoint)).toEqual(["/", "/var", "/var/log"]);
});

test.each([[["initrd.img-6"]], [["vmlinuz-6"]], [[]]])(
  "9: an image with only %j in /boot is refused",
  (names) => {
    expect(() => checkBootable(chooseBootFiles({ type: "directory", names }))).toThrow(
      expect.objectContaining({ code: "E_BOOT_FILES" }),
    );
  },
);

test("10: a drive that is selected twice is refused", () => {
  expect(() => selectDrives([drive("sda"), drive("sdb")], ["sdb", "sdb"])).toThrow(
    expect.objectContaining({ code: "E_DRIVE_SELECTION" }),
  );
});

test("11: mount points of data file-systems are made", async () => {
  const machine = new FakeEnvironment();
  machine.addDirectory("/mnt");
  const found = plan({ drives: [drive("sda"), drive("sdb")] });
  await makeMountPoints(volumesOf(found), "/mnt", machine.environment());
  expect([...machine.nodes.keys()]).toEqual(expect.arrayContaining(["/mnt/data/0", "/mnt/data/1"]));
});

test("12: a layout larger than the drive is refused, with the partition and both sizes", () => {
  expect(() => plan({ drives: [drive("sda", { sizeBytes: 3 * GIB })] })).toThrow(
    expect.objectContaining({
      code: "E_DRIVE_TOO_SMALL",
      message:
        "planning /dev/sda: partition 2 (/home) does not fit: the layout needs 3717 MiB (3897556992 bytes), " +
        "the drive has room for 3 GiB (3221225472 bytes)",
    }),
  );
});

test("13: what is mounted on /mnt2 is not below /mnt", () => {
  const entries = ["/mnt", "/mnt2", "/mnt/home"].map((mountPoint) => ({
    source: "none",
    mountPoint,
    type: "tmpfs",
    options: "",
  }));
  expect(planUnmount(entries, "/mnt")).toEqual(["/mnt/home", "/mnt"]);
});

test("30: BytesPerInode, ReservedBlocksPercentage and the owner have an effect", () => {
  const tuned = partition("/srv", {
    minimumBytes: GIB,
    bytesPerInode: 8192,
    reservedBlocksPercentage: 2,
    rootUserId: 7,
    rootGroupId: 8,
  });
  const found = plan({ layout: layout([...ordinaryPartitions, tuned]) });
  const line = renderMakeFileSystem(volumeOn(found, "/srv")).args.join(" ");
  expect(line).toMatch(/^-i 8192 -m 2 -L \/srv -E .*,root_owner=7:8 /);
});

describe("of sections 4.1 to 4.5", () => {
  test("4.1: a /boot that becomes the EFI partition keeps its MinimumFreeBytes and nothing else", () => {
    const boot = partition("/boot", {
      minimumFreeBytes: 200 * MIB,
      minimumBytes: 400 * MIB,
      fileSystemLabel: "mine",
    });
    const found = plan({ firmware: "efi", layout: layout([...ordinaryPartitions, boot]) });
    expect(bootDriveVolumes(found)[0]).toMatchObject({
      purpose: "boot",
      sizeBytes: 200 * MIB,
      fileSystem: { type: "vfat", label: "bootfs", mountPoint: "/boot" },
    });
  });

  test("4.2: a second root is refused (the original took the last one)", () => {
    const second = partition("/", { minimumBytes: GIB, fileSystemLabel: "other" });
    expect(() => plan({ layout: layout([...ordinaryPartitions, second]) })).toThrow(
      expect.objectContaining({ message: "storage layout: mount point / is used twice" }),
    );
  });

  test("4.3: without a base name no data file-system is mounted on `0`", () => {
    const found = plan({
      drives: [drive("sda"), drive("sdb")],
      layout: layout(undefined, { extraMountPointsBasename: "" }),
    });
    expect(renderFstab(found, new Set())).toMatch(/^LABEL=\/data\/0 .*\nLABEL=\/data\/1 /m);
  });

  test("4.4: an image that leaves no room for the file-system's own needs is refused before erasing", () => {
    const root = partition("/", { reservedBlocksPercentage: 50 });
    expect(() => plan({ layout: layout([root]), imageUsageBytes: 100 * MIB })).toThrow(
      expect.objectContaining({
        code: "E_LAYOUT_SIZE",
        message: expect.stringMatching(
          /^planning the root file-system of 200 MiB: ext4 would have room for .* the image needs 100 MiB \(104857600 bytes\): raise MinimumBytes$/,
        ) as string,
      }),
    );
  });

  test("4.5: a partition of one byte more than whole MiB gets a MiB more", () => {
    const odd = partition("/srv", { minimumBytes: MIB, minimumFreeBytes: 5 * MIB + 1 });
    expect(volumeOn(plan({ layout: layout([...ordinaryPartitions, odd]) }), "/srv").sizeBytes).toBe(6 * MIB);
  });
});
