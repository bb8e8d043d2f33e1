import { randomUUID } from "node:crypto";
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, describe, expect, test } from "vitest";
import { parseStorageLayout } from "../../src/config/storage-layout.ts";
import { silentLogger } from "../../src/core/logger.ts";
import { proveNotInUse } from "../../src/storage/drives/drive-use.ts";
import type { StorageEnvironment } from "../../src/storage/environment.ts";
import { prepareDrives } from "../../src/storage/make/prepare-drives.ts";
import { drivesOf, type StoragePlan } from "../../src/storage/plan/plan.ts";
import { planStorage } from "../../src/storage/plan/plan-storage.ts";
import { mountTarget } from "../../src/storage/target/mount-target.ts";
import { writeMountTables } from "../../src/storage/target/target-files.ts";
import { unmountTarget } from "../../src/storage/target/unmount.ts";
import { createNodeHost } from "../../src/system/node/node-host.ts";
import { run } from "../support/scratch.ts";
import { expectFileSystem } from "./support/expect-file-system.ts";
import { LoopDrive } from "./support/loop-drive.ts";
import { blkid, findmnt, lsblk, readTable } from "./support/read-storage.ts";
import {
  type ExpectedPartition,
  IMAGE_MIB,
  LAYOUT_CASES,
  type LayoutCase,
  type PartitionKind,
} from "./support/storage-layouts.ts";

// What prepareDrives makes of layouts on real block devices, read back with the tools of other people. Encryption needs a
// device mapper, which not every kernel has: test/vm.

const MIB = 2 ** 20;

/** As the tables write them: UEFI specification and the registries of partition types. */
const GPT_TYPES: Readonly<Record<PartitionKind, string>> = {
  linux: "0FC63DAF-8483-4772-8E79-3D69D8477DE4",
  swap: "0657FD6D-A4AB-43C4-84E5-0933C84B4F4F",
  vfat: "EBD0A0A2-B9E5-4433-87C0-68B6B72699C7",
  esp: "C12A7328-F81F-11D2-BA4B-00A0C93EC93B",
  "bios-boot": "21686148-6449-6E6F-744E-656564454649",
};
const DOS_TYPES: Readonly<Partial<Record<PartitionKind, string>>> = { linux: "83", swap: "82", vfat: "c" };

/** Where the rest of a drive goes, and what a data drive gets (spec/storage.md section 8.2). */
const REST_BYTES_PER_INODE = 65536;
const DATA_DRIVE_BYTES_PER_INODE = 2 ** 20;

const host = createNodeHost();
const environment: StorageEnvironment = {
  ...host,
  log: silentLogger,
  signal: new AbortController().signal,
  toolsRoot: undefined,
  sysfsDirectory: "/sys",
  procDirectory: "/proc",
};

const directory = mkdtempSync(join(tmpdir(), "storage-matrix-"));

afterAll(async () => {
  await host[Symbol.asyncDispose]();
  rmSync(directory, { recursive: true });
});

/** The part of a drive that partitions can lie in ends here; a GPT keeps its copy behind it. */
function endMiB({ sizeMiB, table }: LayoutCase): number {
  return table === "gpt" ? sizeMiB - 1 : sizeMiB;
}

function sizeOf([startMiB, sizeMiB]: ExpectedPartition, wanted: LayoutCase): number {
  return sizeMiB === "rest" ? endMiB(wanted) - startMiB : sizeMiB;
}

function planCase(
  { layout, firmware }: LayoutCase,
  boot: LoopDrive,
  data: readonly LoopDrive[],
): StoragePlan {
  return planStorage({
    layout: parseStorageLayout("storage-layout.json", JSON.stringify(layout)).value,
    drives: [boot.drive, ...data.map(({ drive }) => drive)],
    imageUsageBytes: IMAGE_MIB * MIB,
    imageInodeCount: 1000,
    firmware,
    newUuid: randomUUID,
  });
}

function expectTable(devicePath: string, wanted: LayoutCase): void {
  const { table: label, partitions, active } = wanted;
  const table = readTable(devicePath);
  expect(table.label).toBe(label);
  const found = table.partitions.map(({ node, start, size, type, bootable }) => ({
    node,
    startMiB: (start * table.sectorsize) / MIB,
    sizeMiB: (size * table.sectorsize) / MIB,
    type,
    bootable: bootable === true,
  }));
  expect(found).toEqual(
    partitions.map((partition, index) => ({
      node: `${devicePath}p${index + 1}`,
      startMiB: partition[0],
      sizeMiB: sizeOf(partition, wanted),
      type: (label === "gpt" ? GPT_TYPES : DOS_TYPES)[partition[2]],
      bootable: index + 1 === active,
    })),
  );
  if (label === "gpt")
    expect(new Set(table.partitions.map(({ name }) => name))).toEqual(new Set(["primary"]));
  expect(run("sfdisk", ["--verify", devicePath])).toContain("No errors detected.");
}

/** Some BIOSes want an active partition: the one that protects a GPT does, and EFI firmware must not see one. */
async function expectBootCode(devicePath: string, { firmware, table }: LayoutCase): Promise<void> {
  const sector = await host.files.readHead(devicePath, 512);
  expect(sector.subarray(0, 5).toString("hex"), "code that refuses to boot").toBe("cd18f4ebfd");
  expect(sector.subarray(5, 440).every((byte) => byte === 0)).toBe(true);
  expect(sector.subarray(510).toString("hex")).toBe("55aa");
  if (table === "gpt") expect(sector[446]).toBe(firmware === "bios" ? 0x80 : 0);
}

function expectKernelView(
  { devicePath, name }: LoopDrive["drive"],
  wanted: LayoutCase,
  sectorBytes: number,
): void {
  const seen = lsblk(devicePath);
  expect(seen).toMatchObject({ name, size: wanted.sizeMiB * MIB });
  expect(seen.children).toEqual(
    wanted.partitions.map((partition, index) => ({
      name: `${name}p${index + 1}`,
      type: "part",
      size: sizeOf(partition, wanted) * MIB,
      "log-sec": sectorBytes,
    })),
  );
  expect(blkid(devicePath)["PTTYPE"]).toBe(wanted.table);
}

function expectFileSystems(devicePath: string, wanted: LayoutCase, sectorBytes: number): void {
  for (const [index, partition] of wanted.partitions.entries()) {
    const [, sizeMiB, , type, label, mountPoint] = partition;
    if (type === undefined) continue;
    expectFileSystem(`${devicePath}p${index + 1}`, {
      type,
      label,
      sizeMiB: sizeOf(partition, wanted),
      sectorBytes,
      bytesPerInode: sizeMiB === "rest" ? REST_BYTES_PER_INODE : "mkfs",
      tuning: wanted.tuning?.[mountPoint] ?? {},
    });
  }
}

function expectDataDrives(drives: readonly LoopDrive[], wanted: LayoutCase, sectorBytes: number): void {
  for (const [index, { drive }] of drives.entries()) {
    const [sizeMiB, label] = wanted.dataDrives?.[index] ?? [0, ""];
    const tuning = { bytesPerInode: DATA_DRIVE_BYTES_PER_INODE };
    expectFileSystem(drive.devicePath, {
      type: "ext4",
      label,
      sizeMiB,
      sectorBytes,
      bytesPerInode: "mkfs",
      tuning,
    });
    expect(blkid(drive.devicePath)["PTTYPE"]).toBeUndefined();
    expect(lsblk(drive.devicePath).children).toBeUndefined();
  }
}

/** Mounts the target, and holds the mount table and fstab against what the devices carry. */
async function expectMounts(
  plan: StoragePlan,
  discarded: ReadonlySet<string>,
  wanted: LayoutCase,
  data: readonly LoopDrive[],
): Promise<void> {
  const devicePath = plan.bootDrive.drive.devicePath;
  const deviceOf = new Map<string, string>(
    wanted.partitions.map(([, , , , label], index) => [label, `${devicePath}p${index + 1}`]),
  );
  const targetRoot = join(directory, "target");
  await using cleanup = new AsyncDisposableStack();
  await mountTarget(plan, targetRoot, environment, cleanup);
  // findmnt goes by the kernel's numbers, which are given anew when mounts of others have gone.
  const found = findmnt(targetRoot).map(({ source, target, fstype }) => `${target} ${fstype} ${source}`);
  const mounted = wanted.mounted.map((mountPoint) => {
    const [, , , fstype = "", label = ""] =
      wanted.partitions.find((partition) => partition[5] === mountPoint) ?? [];
    const target = mountPoint === "/" ? targetRoot : `${targetRoot}${mountPoint}`;
    return `${target} ${fstype} ${deviceOf.get(label) ?? ""}`;
  });
  expect(found.toSorted()).toEqual(mounted.toSorted());

  await writeMountTables(plan, discarded, targetRoot, environment);
  const fstab = readFileSync(join(targetRoot, "etc/fstab"), "utf8");
  const lines = fstab
    .trimEnd()
    .split("\n")
    .map((line) => line.split(/ +/).slice(0, 3).join(" "));
  const tag = "MountBy" in wanted.layout ? "UUID" : "LABEL";
  const expected = [
    ...wanted.partitions.flatMap(([, , , type, label, mountPoint]) =>
      type === undefined ? [] : [{ device: deviceOf.get(label) ?? "", mountPoint, type }],
    ),
    ...data.map(({ drive }, index) => ({
      device: drive.devicePath,
      mountPoint: wanted.dataDrives?.[index]?.[2] ?? "",
      type: "ext4",
    })),
  ];
  expect(lines.toSorted()).toEqual(
    expected
      .map(({ device, mountPoint, type }) => `${tag}=${blkid(device)[tag]} ${mountPoint} ${type}`)
      .toSorted(),
  );
  expect(lines[0]).toMatch(/ \/ /);
  await unmountTarget(plan, targetRoot, environment);
}

describe.each([512, 4096])("drives with sectors of %i bytes", (sectorBytes) => {
  test.each(Object.entries(LAYOUT_CASES))("%s", async (_name, wanted) => {
    using drives = new DisposableStack();
    const attach = (name: string, sizeMiB: number) =>
      drives.use(new LoopDrive(name, sizeMiB * MIB, sectorBytes));
    const boot = attach("boot", wanted.sizeMiB);
    const data = (wanted.dataDrives ?? []).map(([sizeMiB], index) => attach(`data${index}`, sizeMiB));
    const plan = planCase(wanted, boot, data);
    await proveNotInUse(drivesOf(plan), environment);
    const discarded = await prepareDrives(plan, environment, 2);

    const { devicePath } = boot.drive;
    expectTable(devicePath, wanted);
    await expectBootCode(devicePath, wanted);
    expectKernelView(boot.drive, wanted, sectorBytes);
    expectFileSystems(devicePath, wanted, sectorBytes);
    expectDataDrives(data, wanted, sectorBytes);
    await expectMounts(plan, discarded, wanted, data);
  });
});
