import fc from "fast-check";
import { beforeEach, describe, expect, test } from "vitest";
import { InstallerError } from "../../../../src/core/errors.ts";
import { findForeignMount, findUses, proveNotInUse } from "../../../../src/storage/drives/drive-use.ts";
import { formatDeviceNumber, parseSwaps } from "../../../../src/storage/drives/machine-use.ts";
import type { StackedDevice } from "../../../../src/storage/release/device-stack.ts";
import { commandError, FakeEnvironment } from "../fake-environment.ts";
import { drive } from "../plan/plan-fixtures.ts";
import { stackOfLvmOnRaid } from "../release/fake-stack.ts";

function device(name: string, changes: Partial<StackedDevice> = {}): StackedDevice {
  return {
    name,
    kind: "partition",
    deviceNumber: "",
    mappingName: "",
    raidLevel: "",
    holders: [],
    slaves: [],
    parent: undefined,
    drives: ["sda"],
    ...changes,
  };
}

const devices = [
  device("sda", { kind: "drive", deviceNumber: "8:0" }),
  device("sda1", { deviceNumber: "8:1", holders: ["md0", "dm-1"] }),
  device("sda2", { deviceNumber: "8:2" }),
  device("dm-1", { deviceNumber: "253:1", kind: "logical-volume", mappingName: "vg0-home" }),
];

test("mounts, swap and holders are uses", () => {
  const mounted = [
    { mountPoint: "/", source: "/dev/root", deviceNumbers: ["8:2"] },
    { mountPoint: "/srv", source: "/dev/sda2", deviceNumbers: ["0:30"] },
    { mountPoint: "/other", source: "/dev/sdb1", deviceNumbers: ["8:17"] },
    { mountPoint: "/home", source: "/dev/mapper/vg0-home", deviceNumbers: [] },
    { mountPoint: "/gone", source: "none", deviceNumbers: [] },
  ];
  const swaps = [
    { path: "/dev/sda2", deviceNumber: undefined },
    { path: "/dev/disk/by-label/swap", deviceNumber: "253:1" },
    { path: "/srv/swap", deviceNumber: "8:2" },
    { path: "/dev/sdb2", deviceNumber: "8:18" },
  ];
  expect(findUses(devices, { mounted, swaps })).toEqual([
    { text: "/dev/sda1 is held by md0", mountPoint: undefined },
    { text: "/dev/sda1 is held by logical volume vg0-home", mountPoint: undefined },
    { text: "/dev/sda2 is mounted on /", mountPoint: "/" },
    { text: "/dev/sda2 is mounted on /srv", mountPoint: "/srv" },
    { text: "/dev/sda2 is used as swap", mountPoint: undefined },
    { text: "/dev/sda2 is used as swap (file /srv/swap)", mountPoint: undefined },
    { text: "/dev/mapper/vg0-home is mounted on /home", mountPoint: "/home" },
    { text: "/dev/mapper/vg0-home is used as swap", mountPoint: undefined },
  ]);
});

test("a device whose number is unknown does not match mounts without one", () => {
  const mounted = [{ mountPoint: "/", source: "none", deviceNumbers: [""] }];
  expect(findUses([device("sda")], { mounted, swaps: [] })).toEqual([]);
});

test("swaps: devices and files of the table", () => {
  const table = "Filename\tType\tSize\n/dev/sda2    partition\t1024\n/swap\\040file file 1\nbroken\n";
  expect(parseSwaps(table)).toEqual(["/dev/sda2", "/swap file"]);
  expect(parseSwaps("")).toEqual([]);
});

test("device numbers are taken apart as the C library does", () => {
  expect(formatDeviceNumber(0x801n)).toBe("8:1");
  const makeDevice = (major: bigint, minor: bigint) =>
    ((major & 0xfffff000n) << 32n) |
    ((major & 0xfffn) << 8n) |
    ((minor & 0xffffff00n) << 12n) |
    (minor & 0xffn);
  fc.assert(
    fc.property(fc.bigInt(0n, 0xffffffffn), fc.bigInt(0n, 0xffffffffn), (major, minor) => {
      expect(formatDeviceNumber(makeDevice(major, minor))).toBe(`${major}:${minor}`);
    }),
    { seed: 1 },
  );
});

describe("on a machine", () => {
  let machine: FakeEnvironment;

  beforeEach(() => {
    machine = new FakeEnvironment();
    machine.addBlockDevice("sda", 2 ** 30);
    machine.addBlockDevice("sda1", 2 ** 29, "sda");
    machine.addBlockDevice("sdb", 2 ** 30);
  });

  const mount = (source: string, mountPoint: string) =>
    machine.mountTable.push({ source, mountPoint, type: "ext4", options: "rw" });

  const drives = [drive("sda"), drive("sdb")];

  test("idle drives pass, and the kernel has agreed", async () => {
    await proveNotInUse(drives, machine.environment());
    expect(machine.actions).toEqual([
      "run blockdev --rereadpt /dev/sda (chroot /tmproot)",
      "run blockdev --rereadpt /dev/sdb (chroot /tmproot)",
    ]);
  });

  test("a mounted partition is refused before any command runs", async () => {
    mount("/dev/sda1", "/mnt");
    await expect(proveNotInUse(drives, machine.environment())).rejects.toMatchObject({
      code: "E_DRIVE_IN_USE",
      message: "checking that /dev/sda is not in use: /dev/sda1 is mounted on /mnt",
    });
    expect(machine.actions).toEqual([]);
  });

  test("a holder of a partition is refused", async () => {
    machine.addDirectory("/sys/class/block/sda1/holders");
    machine.addDirectory("/sys/class/block/sda1/holders/md127");
    await expect(proveNotInUse(drives, machine.environment())).rejects.toMatchObject({
      message: "checking that /dev/sda is not in use: /dev/sda1 is held by RAID array md127",
    });
  });

  test("swap is refused", async () => {
    machine.addFile("/proc/swaps", "Filename Type\n/dev/sdb partition\n");
    await expect(proveNotInUse(drives, machine.environment())).rejects.toMatchObject({
      message: "checking that /dev/sdb is not in use: /dev/sdb is used as swap",
    });
  });

  test("a use that no table shows is found by the kernel", async () => {
    machine.failing.set("blockdev", commandError("blockdev"));
    await expect(proveNotInUse(drives, machine.environment())).rejects.toMatchObject({
      code: "E_DRIVE_IN_USE",
      message: "checking that /dev/sda is not in use",
    });
  });

  test("a tools image without blockdev will do", async () => {
    machine.failing.set("blockdev", new InstallerError("E_COMMAND_NOT_FOUND", "blockdev"));
    await expect(proveNotInUse(drives, machine.environment())).resolves.toBeUndefined();
  });

  test("a foreign mount is found; what an earlier run of the installer left mounted is none", async () => {
    mount("/dev/sda1", "/run/live/medium");
    mount("/dev/sdb", "/mnt/home");
    const find = async (name: string) =>
      findForeignMount(drive(name), ["/mnt", "/tmproot"], machine.environment());
    expect(await find("sda")).toBe("/dev/sda1 is mounted on /run/live/medium");
    expect(await find("sdb")).toBeUndefined();
  });

  test("a drive whose logical volume is mounted is one that this system runs from", async () => {
    const stack = await stackOfLvmOnRaid();
    await stack.mount("/dev/mapper/vg0-root", "/sysroot");
    expect(await findForeignMount(drive("sdb"), ["/mnt", "/tmproot"], stack.environment())).toBe(
      "/dev/mapper/vg0-root is mounted on /sysroot",
    );
  });
});
