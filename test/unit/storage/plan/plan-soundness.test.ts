import fc from "fast-check";
import { expect, test } from "vitest";
import { hasCode, InstallerError } from "../../../../src/core/errors.ts";
import { planCommands } from "../../../../src/storage/make/planned-commands.ts";
import { FILE_SYSTEM_TRAITS, smallestVolumeBytes } from "../../../../src/storage/plan/file-system-traits.ts";
import { FILE_SYSTEM_TYPES, type Partition } from "../../../../src/storage/plan/layout.ts";
import { bootDriveVolumes, type StoragePlan, volumesOf } from "../../../../src/storage/plan/plan.ts";
import { planStorage, type StorageRequest } from "../../../../src/storage/plan/plan-storage.ts";
import { renderCrypttab, renderFstab } from "../../../../src/storage/target/fstab.ts";
import { countingUuids, drive, GIB, MIB, partition, TIB } from "./plan-fixtures.ts";

const MOUNT_POINTS = [
  "/boot",
  "/mnt/efi",
  "/boot/efi",
  "/home",
  "/var",
  "/var/log",
  "/data/0",
  "/data/1",
  "/x",
  "/srv/",
  "none",
  "swap",
  "",
  "/var/lib/containers/storage",
];

const anyPartition: fc.Arbitrary<Partition> = fc.record({
  mountPoint: fc.constantFrom(...MOUNT_POINTS),
  fileSystemType: fc.constantFrom("ext4", "ext4", ...FILE_SYSTEM_TYPES),
  fileSystemLabel: fc.constantFrom("", "", "", "A", "B"),
  minimumBytes: fc.constantFrom(0, 1, 100 * MIB, 3 * GIB),
  minimumFreeBytes: fc.constantFrom(0, 5 * MIB + 3, 400 * MIB, GIB),
  bytesPerInode: fc.constantFrom(0, 0, 0, 4096),
  reservedBlocksPercentage: fc.constantFrom(0, 0, 0, 1, 60),
  rootGroupId: fc.constantFrom(0, 0, 0, 5),
  rootUserId: fc.constantFrom(0, 0, 0, 5),
});

/** Mostly what the mount point suggests, so that enough layouts can be planned. */
const likelyPartition = fc
  .record({
    mountPoint: fc.constantFrom("/boot", "/boot/efi", "/home", "/var", "/srv", "none", "/data/0"),
    fileSystemType: fc.constantFrom("ext4", "xfs", "btrfs"),
    sizeMiB: fc.integer({ min: 1, max: 1024 }),
  })
  .map(({ mountPoint, fileSystemType, sizeMiB }) =>
    partition(mountPoint, {
      fileSystemType: mountPoint === "none" ? "swap" : mountPoint === "/boot/efi" ? "vfat" : fileSystemType,
      minimumFreeBytes: mountPoint === "/data/0" ? 0 : sizeMiB * MIB - 7,
    }),
  );

const others = fc.array(fc.oneof({ weight: 3, arbitrary: likelyPartition }, anyPartition), { maxLength: 3 });

const bootDriveLayout = fc
  .tuple(others, fc.constantFrom(0, GIB), fc.constantFrom("ext4", "xfs", "btrfs", "vfat"), others)
  .map(([before, minimumBytes, fileSystemType, after]) => [
    ...before,
    partition("/", { minimumBytes, fileSystemType }),
    ...after,
  ]);

const request: fc.Arbitrary<Omit<StorageRequest, "newUuid">> = fc.record({
  layout: fc.record({
    bootDriveLayout,
    extraMountPointsBasename: fc.constantFrom("/data/", "/data/", "", "/x"),
    encrypt: fc.boolean(),
    useKexec: fc.boolean(),
    mountBy: fc.constantFrom("label", "uuid"),
  }),
  drives: fc
    .tuple(
      fc.oneof(
        fc.constantFrom(64 * MIB, 8 * GIB, 5 * TIB),
        fc.integer({ min: 1, max: 2 ** 25 }).map((n) => n * 512),
      ),
      fc.constantFrom(512, 4096),
      fc.nat(2),
    )
    .map(([sizeBytes, logicalSectorBytes, more]) => [
      drive("nvme0n1", { sizeBytes, logicalSectorBytes }),
      ...["sda", "sdb"].slice(0, more).map((name) => drive(name)),
    ]),
  imageUsageBytes: fc.constantFrom(0, 10 * MIB, GIB),
  imageInodeCount: fc.constantFrom(10, 10_000, 400_000),
  firmware: fc.constantFrom("bios", "efi"),
});

const plan = (asked: Omit<StorageRequest, "newUuid">) => planStorage({ ...asked, newUuid: countingUuids() });

test("any layout gives a sound plan or an error that tells why not, and the same one each time", () => {
  let planned = 0;
  fc.assert(
    fc.property(request, (asked) => {
      let found: StoragePlan;
      try {
        found = plan(asked);
      } catch (error) {
        expect(error).toBeInstanceOf(InstallerError);
        expect(hasCode(error, "E_BUG")).toBe(false);
        expect(() => plan(asked)).toThrow((error as InstallerError).message);
        return;
      }
      planned += 1;
      expect(plan(asked)).toEqual(found);
      expectSoundPartitions(found);
      expectSoundVolumes(found, asked);
      expectAsAsked(found, asked);
      expectSoundTables(found);
      expect(planCommands(found).filter(({ purpose }) => purpose.startsWith("make "))).toHaveLength(
        volumesOf(found).length,
      );
    }),
    { seed: 7, numRuns: 4000 },
  );
  expect(planned).toBeGreaterThan(200);
});

function expectSoundPartitions({ bootDrive, firmware }: StoragePlan): void {
  const { drive: onto, partitions, tableType } = bootDrive;
  const inOrder = partitions.toSorted((a, b) => a.startBytes - b.startBytes);
  inOrder.forEach((place, index) => {
    expect(place.startBytes % MIB).toBe(0);
    expect(place.endBytes % MIB).toBe(0);
    expect(place.startBytes).toBeGreaterThanOrEqual(inOrder[index - 1]?.endBytes ?? MIB);
    expect(place.endBytes).toBeGreaterThan(place.startBytes);
    // 33 sectors hold the backup of a GPT.
    const tailBytes = tableType === "gpt" ? 33 * onto.logicalSectorBytes : 0;
    expect(place.endBytes).toBeLessThanOrEqual(onto.sizeBytes - tailBytes);
  });
  expect(partitions.map(({ number }) => number)).toEqual(partitions.map((_, index) => index + 1));
  if (tableType === "msdos") {
    expect(partitions.length).toBeLessThanOrEqual(4);
    expect(inOrder.at(-1)?.endBytes).toBeLessThanOrEqual(2 ** 32 * onto.logicalSectorBytes);
  }
  const firmwarePartition = partitions.find(({ number }) => number === bootDrive.bootPartition);
  if (firmware === "efi") expect(firmwarePartition?.volume?.fileSystem.type).toBe("vfat");
  else if (tableType === "gpt") expect(firmwarePartition?.volume).toBeUndefined();
}

function expectSoundVolumes(found: StoragePlan, { layout }: Pick<StorageRequest, "layout">): void {
  const volumes = volumesOf(found);
  expect(volumes.filter(({ purpose }) => purpose === "root")).toHaveLength(1);
  const labels = volumes.map(({ fileSystem }) => fileSystem.label);
  expect(new Set(labels).size).toBe(labels.length);
  const mounted = volumes.filter(({ purpose }) => purpose !== "swap");
  const mountPoints = mounted.map(({ fileSystem }) => fileSystem.mountPoint);
  expect(new Set(mountPoints).size).toBe(mountPoints.length);
  for (const { purpose, encrypted, luksUuid, sizeBytes, fileSystem } of volumes) {
    expect(encrypted).toBe(layout.encrypt && !["root", "boot", "efi"].includes(purpose));
    expect(Buffer.byteLength(fileSystem.label)).toBeLessThanOrEqual(
      FILE_SYSTEM_TRAITS[fileSystem.type].labelBytes,
    );
    expect(sizeBytes).toBeGreaterThanOrEqual(smallestVolumeBytes(fileSystem.type, encrypted));
    expect(fileSystem.uuid === undefined).toBe(layout.mountBy === "label");
    expect(luksUuid === undefined).toBe(layout.mountBy === "label" || !encrypted);
    expect(fileSystem.mountPoint === "none").toBe(purpose === "swap");
  }
}

/** Each partition that was asked for is there once, and at least as large as asked; the root by the formula. */
function expectAsAsked(
  found: StoragePlan,
  { layout, imageUsageBytes, firmware }: Omit<StorageRequest, "newUuid">,
): void {
  const volumes = bootDriveVolumes(found);
  for (const asked of layout.bootDriveLayout) {
    const candidates =
      asked.fileSystemType === "swap"
        ? volumes.filter(({ purpose }) => purpose === "swap")
        : volumes.filter(
            ({ fileSystem }) => fileSystem.mountPoint === asked.mountPoint.replace(/(.)\/$/, "$1"),
          );
    expect(candidates.length).toBeGreaterThan(0);
    const isMerged =
      firmware === "efi" && asked.mountPoint === "/boot" && candidates[0]?.devicePath.endsWith("1");
    const askedBytes = isMerged
      ? asked.minimumFreeBytes
      : Math.max(asked.minimumBytes, asked.minimumFreeBytes);
    expect(Math.max(...candidates.map(({ sizeBytes }) => sizeBytes))).toBeGreaterThanOrEqual(askedBytes);
    if (asked.mountPoint !== "/") continue;
    const freeBytes = Math.max(asked.minimumFreeBytes, imageUsageBytes) + imageUsageBytes;
    const exactBytes = Math.ceil(Math.max(asked.minimumBytes, freeBytes) / MIB) * MIB;
    if (exactBytes > 0) expect(candidates[0]?.sizeBytes).toBe(exactBytes);
  }
}

function expectSoundTables(found: StoragePlan): void {
  const volumes = volumesOf(found);
  const lines = renderFstab(found, new Set()).trimEnd().split("\n");
  expect(lines).toHaveLength(volumes.length);
  expect(lines[0]).toMatch(/^(LABEL|UUID)=\S+\s+\/\s/);
  for (const line of lines) expect(line.split(/ +/)).toHaveLength(6);
  const passes = lines.map((line) => Number(line.split(/ +/)[5])).filter((pass) => pass === 1);
  expect(passes.length).toBeLessThanOrEqual(1);
  const crypttab = renderCrypttab(found, new Set())
    .split("\n")
    .filter((line) => line !== "");
  expect(crypttab).toHaveLength(volumes.filter(({ encrypted }) => encrypted).length);
}
