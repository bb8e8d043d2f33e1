import { execFileSync } from "node:child_process";
import { randomBytes, randomUUID } from "node:crypto";
import { rmSync, truncateSync, writeFileSync } from "node:fs";
import { mkdtemp } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import type { Drive } from "../../src/storage/drives/drives.ts";
import { KEY_FILE, renderLuksFormat } from "../../src/storage/make/luks.ts";
import { renderMakeFileSystem } from "../../src/storage/make/make-file-system.ts";
import { renderPartitionCommand } from "../../src/storage/make/partition-table.ts";
import { estimateRoom } from "../../src/storage/plan/file-system-room.ts";
import { FILE_SYSTEM_TRAITS, smallestVolumeBytes } from "../../src/storage/plan/file-system-traits.ts";
import {
  defaultPartition,
  type FileSystemType,
  type MountBy,
  type Partition,
} from "../../src/storage/plan/layout.ts";
import { bootDriveVolumes, mountSource, type StoragePlan, type Volume } from "../../src/storage/plan/plan.ts";
import { planStorage } from "../../src/storage/plan/plan-storage.ts";
import { LoopDrive } from "./support/loop-drive.ts";

// What the planner believes about mkfs, cryptsetup and parted, held against the real ones.

const MIB = 2 ** 20;
const GIB = 2 ** 30;

let directory: string;

beforeAll(async () => {
  directory = await mkdtemp(join(tmpdir(), "storage-plan-"));
});

afterAll(() => {
  rmSync(directory, { recursive: true });
});

function run(program: string, ...args: readonly string[]): string {
  return execFileSync(program, args, { encoding: "utf8", stdio: ["ignore", "pipe", "pipe"] });
}

function drive(sizeBytes: number, sectorBytes: number, devicePath = "/dev/sda"): Drive {
  return {
    name: devicePath.slice("/dev/".length),
    devicePath,
    sizeBytes,
    logicalSectorBytes: sectorBytes,
    physicalSectorBytes: sectorBytes,
    rotational: false,
    transport: "unknown",
    model: "",
    serial: "",
    wwn: "",
    path: "",
    busLocation: "",
  };
}

interface Asked {
  readonly partitions: readonly Partition[];
  readonly usageBytes: number;
  readonly inodeCount?: number;
  readonly onto: Drive;
  readonly firmware?: "bios" | "efi";
  readonly mountBy?: MountBy;
}

function plan({
  partitions,
  usageBytes,
  inodeCount = 100,
  onto,
  firmware = "bios",
  mountBy = "label",
}: Asked): StoragePlan {
  return planStorage({
    layout: {
      bootDriveLayout: partitions,
      extraMountPointsBasename: "/data/",
      encrypt: false,
      useKexec: false,
      mountBy,
    },
    drives: [onto],
    imageUsageBytes: usageBytes,
    imageInodeCount: inodeCount,
    firmware,
    newUuid: randomUUID,
  });
}

/** Makes the planned file-system, but on `path`. */
function format(volume: Volume, path: string): void {
  const { program, args } = renderMakeFileSystem(volume);
  run(program, ...args.slice(0, -1), path);
}

function volumeOf(storagePlan: StoragePlan, purpose: Volume["purpose"]): Volume {
  const volume = bootDriveVolumes(storagePlan).find((found) => found.purpose === purpose);
  if (volume === undefined) throw new Error(`no ${purpose} is planned`);
  return volume;
}

function blkid(path: string): Readonly<Record<string, string>> {
  const lines = run("blkid", "-p", "-o", "export", path).split("\n");
  return Object.fromEntries(
    lines.map((line) => {
      const at = line.indexOf("=");
      return [line.slice(0, at), line.slice(at + 1).replaceAll("\\", "")];
    }),
  );
}

function withMounted<T>(path: string, use: (mountPoint: string) => T): T {
  const mountPoint = join(directory, "mounted");
  run("mkdir", "-p", mountPoint);
  run("mount", path, mountPoint);
  try {
    return use(mountPoint);
  } finally {
    run("umount", mountPoint);
  }
}

/** Bytes that an ordinary user could write to the file-system, and files that could be made. */
function readRoom(path: string): { readonly bytes: number; readonly inodes: number } {
  const output = withMounted(path, (mountPoint) => run("df", "-B1", "--output=avail,iavail", mountPoint));
  const [bytes, inodes] = output.split("\n")[1]?.trim().split(/ +/) ?? [];
  return { bytes: Number(bytes), inodes: Number(inodes) };
}

const root = (changes: Partial<Partition> = {}): Partition => ({ ...defaultPartition("/"), ...changes });

describe.each([512, 4096])("sectors of %i bytes", (sectorBytes) => {
  /** Image sizes; the root gets twice as much (spec/storage.md section 4.4), 64 MiB to 8 GiB. */
  const images = [32, 50, 127, 255, 256, 300, 513, 1000, 2048, 4096].flatMap((sizeMiB) => [
    { sizeMiB, filesPerMiB: 1 },
    // Nothing but files of one block each.
    { sizeMiB, filesPerMiB: 256 },
  ]);

  test.each(images)(
    "an ext4 root planned for $sizeMiB MiB with $filesPerMiB files a MiB holds them",
    (image) => {
      const usageBytes = image.sizeMiB * MIB;
      const inodeCount = image.sizeMiB * image.filesPerMiB;
      const onto = drive(16 * GIB, sectorBytes);
      const volume = volumeOf(plan({ partitions: [root()], usageBytes, inodeCount, onto }), "root");
      expect(volume.sizeBytes).toBe(2 * usageBytes);
      using loop = new LoopDrive("volume", volume.sizeBytes, sectorBytes);
      format(volume, loop.drive.devicePath);
      const room = readRoom(loop.drive.devicePath);
      expect(room.bytes).toBeGreaterThanOrEqual(usageBytes);
      expect(room.inodes).toBeGreaterThanOrEqual(inodeCount);
      const estimate = estimateRoom(volume.fileSystem, volume.sizeBytes, sectorBytes, inodeCount);
      expect(room.bytes).toBeGreaterThanOrEqual(estimate.bytes);
      expect(estimate.bytes).toBeGreaterThan(room.bytes - Math.max(4 * MIB, 0.03 * volume.sizeBytes));
    },
  );

  test.each(["ext4", "xfs", "btrfs"] as const)(
    "files that fill what %s is said to have room for, fit",
    (type) => {
      const smallFiles = { count: 2000, sizeBytes: 16 * 1024 };
      const partitions = [root({ fileSystemType: type, minimumBytes: 640 * MIB })];
      const onto = drive(2 * GIB, sectorBytes);
      const volume = volumeOf(plan({ partitions, usageBytes: MIB, onto }), "root");
      using loop = new LoopDrive("volume", volume.sizeBytes, sectorBytes);
      format(volume, loop.drive.devicePath);
      const room = estimateRoom(volume.fileSystem, volume.sizeBytes, sectorBytes, smallFiles.count);
      const restBytes = Math.floor(room.bytes) - smallFiles.count * smallFiles.sizeBytes;
      withMounted(loop.drive.devicePath, (mountPoint) => {
        const content = randomBytes(smallFiles.sizeBytes);
        for (let number = 0; number < smallFiles.count; number++)
          writeFileSync(join(mountPoint, `small${number}`), content);
        run(
          "dd",
          "if=/dev/zero",
          `of=${join(mountPoint, "large")}`,
          "bs=1M",
          `count=${Math.floor(restBytes / MIB)}`,
          "conv=fsync",
        );
      });
    },
  );

  test.each<[FileSystemType, number]>([
    ["xfs", 300],
    ["xfs", 1024],
    ["xfs", 8192],
    ["xfs", 65_536],
    ["btrfs", 300],
    ["btrfs", 1024],
    ["btrfs", 8192],
    ["btrfs", 65_536],
  ])("%s of %i MiB has no less room than the planner counts on", (fileSystemType, sizeMiB) => {
    const partitions = [root({ fileSystemType, minimumBytes: sizeMiB * MIB })];
    const onto = drive(256 * GIB, sectorBytes);
    const volume = volumeOf(plan({ partitions, usageBytes: MIB, onto }), "root");
    using loop = new LoopDrive("volume", volume.sizeBytes, sectorBytes);
    format(volume, loop.drive.devicePath);
    const room = readRoom(loop.drive.devicePath);
    const estimate = estimateRoom(volume.fileSystem, volume.sizeBytes, sectorBytes, 0);
    expect(room.bytes).toBeGreaterThanOrEqual(estimate.bytes);
    if (fileSystemType === "xfs") expect(room.inodes).toBeGreaterThan(0.99 * estimate.inodes - 64);
  });

  test.each(Object.keys(FILE_SYSTEM_TRAITS) as FileSystemType[])(
    "%s can be made on the smallest device that the planner allows, with the longest label",
    (fileSystemType) => {
      const { labelBytes } = FILE_SYSTEM_TRAITS[fileSystemType];
      const fileSystemLabel = "Label-is-0-".repeat(30).slice(0, labelBytes);
      const mountPoint = fileSystemType === "swap" ? "none" : "/srv";
      const partition = { ...defaultPartition(mountPoint), fileSystemType, fileSystemLabel };
      const sizeBytes = smallestVolumeBytes(fileSystemType, false);
      for (const mountBy of ["label", "uuid"] as const) {
        const partitions = [root({ minimumBytes: GIB }), { ...partition, minimumBytes: sizeBytes }];
        const onto = drive(16 * GIB, sectorBytes);
        const storagePlan = plan({ partitions, usageBytes: MIB, onto, mountBy });
        const volume = volumeOf(storagePlan, fileSystemType === "swap" ? "swap" : "other");
        expect(volume.sizeBytes).toBe(sizeBytes);
        using loop = new LoopDrive("volume", sizeBytes, sectorBytes);
        format(volume, loop.drive.devicePath);
        const found = blkid(loop.drive.devicePath);
        expect(found).toMatchObject({ TYPE: fileSystemType, LABEL: fileSystemLabel });
        const source = mountBy === "label" ? `LABEL=${found["LABEL"]}` : `UUID=${found["UUID"]}`;
        expect(mountSource(volume.fileSystem)).toBe(source);
      }
    },
  );

  test("the EFI partition is a FAT16 with a legal number of clusters", () => {
    const onto = drive(16 * GIB, sectorBytes);
    const volume = volumeOf(plan({ partitions: [root()], usageBytes: GIB, onto, firmware: "efi" }), "efi");
    using loop = new LoopDrive("volume", volume.sizeBytes, sectorBytes);
    format(volume, loop.drive.devicePath);
    expect(blkid(loop.drive.devicePath)).toMatchObject({
      TYPE: "vfat",
      VERSION: "FAT16",
      BLOCK_SIZE: String(sectorBytes),
    });
    const clusters = Number(
      /(\d+) data clusters/.exec(run("fsck.vfat", "-n", "-v", loop.drive.devicePath))?.[1],
    );
    expect(clusters).toBeGreaterThanOrEqual(4085);
    expect(clusters).toBeLessThan(65_525);
  });

  test.each(["bios", "efi"] as const)("%s: parted takes the name of every file-system", (firmware) => {
    using loop = new LoopDrive("boot", 4 * GIB, sectorBytes);
    const typed = (mountPoint: string, fileSystemType: FileSystemType) => ({
      ...defaultPartition(mountPoint),
      fileSystemType,
      minimumBytes: 320 * MIB,
    });
    // Three and the implied one: an MBR holds no more.
    const partitions = [typed("/", "xfs"), typed("none", "swap"), typed("/srv", "btrfs")];
    const onto = loop.drive;
    const { bootDrive } = plan({ partitions, usageBytes: MIB, onto, firmware });
    const { program, args } = renderPartitionCommand(bootDrive, firmware);
    run(program, ...args);
    const { partitiontable } = JSON.parse(run("sfdisk", "-J", loop.drive.devicePath)) as {
      readonly partitiontable: { readonly partitions: readonly { readonly type: string }[] };
    };
    const linux = "0FC63DAF-8483-4772-8E79-3D69D8477DE4";
    const swap = "0657FD6D-A4AB-43C4-84E5-0933C84B4F4F";
    const esp = "C12A7328-F81F-11D2-BA4B-00A0C93EC93B";
    expect(partitiontable.partitions.map(({ type }) => type)).toEqual(
      firmware === "efi" ? [esp, linux, swap, linux, linux] : ["83", "82", "83", "83"],
    );
  });
});

test("a LUKS header is version 2 with the parameters of the original and the planned identifier", () => {
  const file = join(directory, "luks.img");
  const keyFile = join(directory, "key");
  writeFileSync(keyFile, randomBytes(16), { mode: 0o600 });
  writeFileSync(file, "");
  truncateSync(file, smallestVolumeBytes("ext4", true));
  const storagePlan = plan({
    partitions: [root()],
    usageBytes: 16 * MIB,
    onto: drive(GIB, 512),
    mountBy: "uuid",
  });
  const luksUuid = randomUUID();
  const volume = { ...volumeOf(storagePlan, "data"), encrypted: true, luksUuid, devicePath: file };
  const { program, args } = renderLuksFormat(volume);
  run(program, ...args.map((argument) => (argument === KEY_FILE ? keyFile : argument)));
  const dump = run("cryptsetup", "luksDump", file);
  const field = (name: string) => new RegExp(`^\\s*${name}:\\s*(.*)$`, "m").exec(dump)?.[1];
  expect([field("Version"), field("UUID"), field("cipher"), field("Key"), field("AF hash")]).toEqual([
    "2",
    luksUuid,
    "aes-xts-plain64",
    "512 bits",
    "sha512",
  ]);
  expect(Number(field("offset")?.split(" ")[0])).toBe(16 * MIB);
  run("cryptsetup", "luksOpen", "--test-passphrase", "--key-file", keyFile, file);
});
