import { createHash, randomUUID } from "node:crypto";
import { readFileSync, rmSync } from "node:fs";
import { mkdir, mkdtemp, open, readFile, symlink, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { silentLogger } from "../../src/core/logger.ts";
import { installBootLoader } from "../../src/storage/boot/boot-loader.ts";
import { proveNotInUse } from "../../src/storage/drives/drive-use.ts";
import type { Drive } from "../../src/storage/drives/drives.ts";
import type { StorageEnvironment } from "../../src/storage/environment.ts";
import { prepareDrives } from "../../src/storage/make/prepare-drives.ts";
import { defaultPartition, type StorageLayout } from "../../src/storage/plan/layout.ts";
import { drivesOf, type Firmware, type StoragePlan, volumesOf } from "../../src/storage/plan/plan.ts";
import { planStorage } from "../../src/storage/plan/plan-storage.ts";
import {
  makeMountPoints,
  mountSystemDirectories,
  mountTarget,
} from "../../src/storage/target/mount-target.ts";
import { writeMountTables } from "../../src/storage/target/target-files.ts";
import { unmountTarget } from "../../src/storage/target/unmount.ts";
import { createNodeHost } from "../../src/system/node/node-host.ts";
import { run as runProgram } from "../support/scratch.ts";
import { LoopDrive } from "./support/loop-drive.ts";
import { blkid, dumpe2fs, readTable } from "./support/read-storage.ts";

const MIB = 2 ** 20;
const GIB = 2 ** 30;

const host = createNodeHost();
const environment: StorageEnvironment = {
  ...host,
  log: silentLogger,
  signal: new AbortController().signal,
  toolsRoot: undefined,
  sysfsDirectory: "/sys",
  procDirectory: "/proc",
};

let directory: string;

beforeAll(async () => {
  directory = await mkdtemp(join(tmpdir(), "storage-"));
});

afterAll(async () => {
  await host[Symbol.asyncDispose]();
  rmSync(directory, { recursive: true });
});

function run(program: string, ...args: readonly string[]): string {
  return runProgram(program, args);
}

function sha256(file: string): string {
  return createHash("sha256").update(readFileSync(file)).digest("hex");
}

const layout: StorageLayout = {
  bootDriveLayout: [
    { ...defaultPartition("/"), minimumFreeBytes: 400 * MIB, reservedBlocksPercentage: 1 },
    { ...defaultPartition("/var/log"), minimumBytes: 64 * MIB, rootUserId: 7, rootGroupId: 8 },
    { ...defaultPartition("/var"), minimumBytes: 96 * MIB, bytesPerInode: 8192 },
  ],
  extraMountPointsBasename: "/data/",
  encrypt: false,
  useKexec: false,
  mountBy: "label",
};

function plan(drives: readonly [Drive, ...Drive[]], firmware: Firmware, changed = layout): StoragePlan {
  return planStorage({
    layout: changed,
    drives,
    imageUsageBytes: 10 * MIB,
    imageInodeCount: 1000,
    firmware,
    newUuid: randomUUID,
  });
}

async function prepare(storagePlan: StoragePlan): Promise<ReadonlySet<string>> {
  await proveNotInUse(drivesOf(storagePlan), environment);
  return prepareDrives(storagePlan, environment, 2);
}

describe.each([512, 4096])("drives with sectors of %i bytes", (sectorBytes) => {
  test.each(["bios", "efi"] as const)("%s: tables and file-systems are as planned", async (firmware) => {
    using boot = new LoopDrive("boot", 2 * GIB, sectorBytes);
    using data = new LoopDrive("data", GIB, sectorBytes);
    const storagePlan = plan([boot.drive, data.drive], firmware);
    await prepare(storagePlan);

    const table = readTable(boot.drive.devicePath);
    expect(table.label).toBe(firmware === "efi" ? "gpt" : "dos");
    const found = table.partitions.map(({ node, start, size }) => ({
      node,
      startBytes: start * table.sectorsize,
      endBytes: (start + size) * table.sectorsize,
    }));
    const planned = storagePlan.bootDrive.partitions.map(({ startBytes, endBytes, volume }) => ({
      node: volume?.devicePath,
      startBytes,
      endBytes,
    }));
    expect(found).toEqual(planned);
    for (const { devicePath, fileSystem } of volumesOf(storagePlan))
      expect(blkid(devicePath)).toMatchObject({ TYPE: fileSystem.type, LABEL: fileSystem.label });
    if (firmware === "bios") expect(table.partitions[0]?.bootable).toBe(true);
    else expect(table.partitions[0]?.type).toBe("C12A7328-F81F-11D2-BA4B-00A0C93EC93B");
  });
});

test("the options of the layout reach the file-systems", async () => {
  using boot = new LoopDrive("options", 2 * GIB);
  const storagePlan = plan([boot.drive], "bios");
  await prepare(storagePlan);
  const device = (number: number) => `${boot.drive.devicePath}p${number}`;
  const root = dumpe2fs(device(1));
  expect(Number(root["Reserved block count"])).toBeCloseTo(Number(root["Block count"]) / 100, -2);
  const inodesPer = (number: number, bytes: number) => {
    const fields = dumpe2fs(device(number));
    return (
      (Number(fields["Inode count"]) * bytes) / (Number(fields["Block count"]) * Number(fields["Block size"]))
    );
  };
  expect(inodesPer(3, 8192)).toBeCloseTo(1, 1);
  expect(inodesPer(4, 65536)).toBeCloseTo(1, 1);
  expect(run("debugfs", "-R", "stat /", device(2))).toMatch(/User:\s+7\s+Group:\s+8\s/);
});

test("five partitions with BIOS: a GPT with a boot area for GRUB, first on the drive, last in number", async () => {
  using boot = new LoopDrive("gpt-bios", 2 * GIB);
  const withBoot: StorageLayout = {
    ...layout,
    bootDriveLayout: [{ ...defaultPartition("/boot"), minimumBytes: 64 * MIB }, ...layout.bootDriveLayout],
  };
  await prepare(plan([boot.drive], "bios", withBoot));
  const table = readTable(boot.drive.devicePath);
  expect(table.label).toBe("gpt");
  expect(table.partitions).toHaveLength(6);
  expect(table.partitions[5]).toMatchObject({
    type: "21686148-6449-6E6F-744E-656564454649",
    start: 2048,
    size: 2048,
  });
  expect(blkid(`${boot.drive.devicePath}p1`)).toMatchObject({ LABEL: "bootfs" });
});

test("nothing of an old system can be recognised afterwards, and the drive does not boot", async () => {
  using boot = new LoopDrive("old", 2 * GIB);
  const { devicePath, sizeBytes } = boot.drive;
  run("parted", "-s", devicePath, "mklabel", "gpt", "mkpart", "primary", "1MiB", "100%");
  run("mkfs.ext4", "-q", "-L", "oldroot", `${devicePath}p1`);
  await host.files.writeAt(devicePath, 0, new Uint8Array(440).fill(0x90));
  await prepare(plan([boot.drive], "bios"));
  const start = await host.files.readHead(devicePath, 512);
  expect(start.subarray(0, 5).toString("hex")).toBe("cd18f4ebfd");
  expect(start.subarray(5, 440).every((byte) => byte === 0)).toBe(true);
  // The backup table of the old GPT was in the last sector.
  const end = Buffer.alloc(512);
  const file = await readLast(devicePath, sizeBytes, end);
  expect(file.includes("EFI PART")).toBe(false);
  expect(run("wipefs", devicePath)).not.toMatch(/gpt|oldroot/);
});

test("a layout that does not fit is refused without a byte changed", async () => {
  using boot = new LoopDrive("small", 256 * MIB);
  run("mkfs.ext4", "-q", boot.drive.devicePath);
  run("sync", boot.file);
  const before = sha256(boot.file);
  await expect(async () => prepare(plan([boot.drive], "bios"))).rejects.toMatchObject({
    code: "E_DRIVE_TOO_SMALL",
  });
  expect(sha256(boot.file)).toBe(before);
});

describe("a drive in use is refused", () => {
  test("one of its partitions is mounted", async () => {
    using boot = new LoopDrive("mounted", GIB);
    const { devicePath } = boot.drive;
    run("parted", "-s", devicePath, "mklabel", "msdos", "mkpart", "primary", "1MiB", "100%");
    run("mkfs.ext4", "-q", `${devicePath}p1`);
    const mountPoint = join(directory, "in-use");
    await mkdir(mountPoint);
    run("mount", `${devicePath}p1`, mountPoint);
    try {
      await expect(proveNotInUse([boot.drive], environment)).rejects.toMatchObject({
        code: "E_DRIVE_IN_USE",
        message: expect.stringContaining(`${devicePath}p1 is mounted on ${mountPoint}`),
      });
    } finally {
      run("umount", mountPoint);
    }
    await proveNotInUse([boot.drive], environment);
  });

  test("the whole drive is mounted", async () => {
    using lower = new LoopDrive("lower", 256 * MIB);
    run("mkfs.ext4", "-q", lower.drive.devicePath);
    const mountPoint = join(directory, "whole");
    await mkdir(mountPoint);
    run("mount", lower.drive.devicePath, mountPoint);
    try {
      await expect(proveNotInUse([lower.drive], environment)).rejects.toMatchObject({
        code: "E_DRIVE_IN_USE",
      });
    } finally {
      run("umount", mountPoint);
    }
  });
});

describe("the target", () => {
  test("is mounted outermost first, gets its tables and mount points, and is unmounted again", async () => {
    using boot = new LoopDrive("target", 2 * GIB);
    const storagePlan = plan([boot.drive], "bios");
    const discarded = await prepare(storagePlan);
    const targetRoot = join(directory, "target");
    await using cleanup = new AsyncDisposableStack();
    await mountTarget(storagePlan, targetRoot, environment, cleanup);
    await makeMountPoints(volumesOf(storagePlan), targetRoot, environment);
    await writeMountTables(storagePlan, discarded, targetRoot, environment);
    await mountSystemDirectories(targetRoot, environment);

    const mounted = (await host.mounts.read()).map(({ mountPoint }) => mountPoint);
    const expected = ["", "/var", "/var/log", "/dev", "/proc", "/sys", "/tmp"].map(
      (path) => targetRoot + path,
    );
    expect(mounted.filter((path) => path.startsWith(targetRoot))).toEqual(expected);
    const fstab = await readFile(join(targetRoot, "etc/fstab"), "utf8");
    expect(fstab.split("\n")[0]).toBe("LABEL=rootfs           /          ext4  discard    0 1");
    expect((await host.files.stat(join(targetRoot, "data/0"))).type).toBe("directory");

    await unmountTarget(storagePlan, targetRoot, environment);
    expect((await host.mounts.read()).filter(({ mountPoint }) => mountPoint.startsWith(targetRoot))).toEqual(
      [],
    );
    await expect(unmountTarget(storagePlan, targetRoot, environment)).rejects.toMatchObject({
      code: "E_UNMOUNT",
      message: "did not find main mount point to unmount",
    });
  });

  test("gets the boot loader, and only then can the drive boot", async () => {
    using boot = new LoopDrive("grub", 2 * GIB);
    const storagePlan = plan([boot.drive], "bios");
    await prepare(storagePlan);
    const targetRoot = join(directory, "grub-target");
    await using cleanup = new AsyncDisposableStack();
    await mountTarget(storagePlan, targetRoot, environment, cleanup);
    await provideGrub(targetRoot);
    await mountSystemDirectories(targetRoot, environment);
    const mbr = async () => (await host.files.readHead(boot.drive.devicePath, 440)).toString("latin1");
    expect(await mbr()).not.toContain("GRUB");

    await installBootLoader(
      {
        plan: storagePlan,
        targetRoot,
        architecture: "amd64",
        entry: {
          kernel: "/boot/vmlinuz-6",
          kernelOptions: "root=LABEL=rootfs ro ",
          initrd: "/boot/initrd.img-6",
        },
      },
      environment,
    );
    expect(await mbr()).toContain("GRUB");
    const config = await readFile(join(targetRoot, "boot/grub/grub.cfg"), "utf8");
    expect(config).toContain("        linux   /boot/vmlinuz-6 root=LABEL=rootfs ro \n");
    expect(await readFile(join(targetRoot, "boot/grub/arguments"), "utf8")).toBe(
      `--boot-directory=/boot ${boot.drive.devicePath} --target=i386-pc
`,
    );
    await unmountTarget(storagePlan, targetRoot, environment);
    expect(run("e2fsck", "-fn", `${boot.drive.devicePath}p1`)).toContain("rootfs");
  });
});

async function readLast(devicePath: string, sizeBytes: number, buffer: Buffer): Promise<Buffer> {
  await using file = await open(devicePath, "r");
  await file.read(buffer, 0, buffer.byteLength, sizeBytes - buffer.byteLength);
  return buffer;
}

/**
 * GRUB's own installer needs a whole system around it (storage-faults.test.ts has one): this one records its arguments, and
 * refuses to write boot code unless the configuration is there already.
 */
const GRUB_STAND_IN = `#!/bin/sh -e
test -s /boot/grub/grub.cfg
echo "$@" > /boot/grub/arguments
printf GRUB | dd of="$2" bs=1 seek=384 conv=notrunc 2> /dev/null
`;

/** Puts the stand-in into the target, with what a shell script needs. */
async function provideGrub(targetRoot: string): Promise<void> {
  for (const name of ["bin", "lib", "lib64"]) {
    await mkdir(join(targetRoot, "usr", name), { recursive: true });
    run("mount", "--bind", "-o", "ro", `/usr/${name}`, join(targetRoot, "usr", name));
    await symlink(`usr/${name}`, join(targetRoot, name));
  }
  await mkdir(join(targetRoot, "usr/sbin"));
  await writeFile(join(targetRoot, "usr/sbin/grub-install"), GRUB_STAND_IN, { mode: 0o755 });
}
