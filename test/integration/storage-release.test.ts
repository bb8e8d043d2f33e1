import { execFileSync, spawnSync } from "node:child_process";
import { randomUUID } from "node:crypto";
import { mkdirSync, mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { InstallerError } from "../../src/core/errors.ts";
import { silentLogger } from "../../src/core/logger.ts";
import { readDrivePartitions } from "../../src/storage/drives/drive-partitions.ts";
import { proveNotInUse } from "../../src/storage/drives/drive-use.ts";
import type { Drive } from "../../src/storage/drives/drives.ts";
import type { StorageEnvironment } from "../../src/storage/environment.ts";
import { eraseDrive } from "../../src/storage/make/erase.ts";
import { prepareDrives } from "../../src/storage/make/prepare-drives.ts";
import { defaultPartition, type Partition } from "../../src/storage/plan/layout.ts";
import type { Firmware, StoragePlan } from "../../src/storage/plan/plan.ts";
import { planStorage } from "../../src/storage/plan/plan-storage.ts";
import { formatReleasePlan } from "../../src/storage/release/plan-release.ts";
import { readReleasePlan, releaseDrives } from "../../src/storage/release/release-drives.ts";
import { createNodeHost } from "../../src/system/node/node-host.ts";
import {
  FORGED_SIZE_BYTES,
  FORGERIES,
  type ForgedBytes,
  type Forgery,
} from "../support/forged-signatures.ts";
import { LoopDrive } from "./support/loop-drive.ts";

const KIB = 1024;
const MIB = 2 ** 20;
const GIB = 2 ** 30;
const SECTOR_SIZES = [512, 4096];

const host = createNodeHost();
const environment: StorageEnvironment = {
  ...host,
  log: silentLogger,
  signal: new AbortController().signal,
  toolsRoot: undefined,
  sysfsDirectory: "/sys",
  procDirectory: "/proc",
};

/** Loop devices lose everything by a discard; these drives have none. */
const withoutDiscard: StorageEnvironment = {
  ...environment,
  commands: {
    run: async (command, signal) => {
      if (command.program === "blkdiscard") throw new InstallerError("E_COMMAND_FAILED", "not supported");
      return host.commands.run(command, signal);
    },
    runInteractive: async (command, signal) => host.commands.runInteractive(command, signal),
  },
};

let directory: string;

beforeAll(() => {
  directory = mkdtempSync(join(tmpdir(), "storage-release-"));
});

afterAll(async () => {
  await host[Symbol.asyncDispose]();
  rmSync(directory, { recursive: true });
});

function run(program: string, ...args: readonly string[]): string {
  return execFileSync(program, args, { encoding: "utf8", stdio: ["ignore", "pipe", "pipe"] });
}

/** What blkid recognises in a stretch of a device; "" for nothing (exit code 2). */
function probe(devicePath: string, startBytes: number, sizeBytes: number): string {
  const args = [
    "-p",
    "-O",
    String(startBytes),
    "-S",
    String(sizeBytes),
    "-s",
    "TYPE",
    "-o",
    "value",
    devicePath,
  ];
  const { status, stdout, stderr } = spawnSync("blkid", args, { encoding: "utf8" });
  if (status !== 0 && status !== 2) throw new Error(`blkid: exit code ${status}: ${stderr}`);
  return stdout.trim();
}

async function write(
  devicePath: string,
  startBytes: number,
  sizeBytes: number,
  pieces: readonly ForgedBytes[],
) {
  for (const { offsetBytes, bytes } of pieces) {
    const at = offsetBytes < 0 ? sizeBytes + offsetBytes : offsetBytes;
    await host.files.writeAt(devicePath, startBytes + at, bytes);
  }
}

/** Intel's firmware counts in the drive's own sectors. */
function atLastSectorButOne(forgery: Forgery, sectorBytes: number): Forgery {
  return {
    ...forgery,
    pieces: forgery.pieces.map(({ bytes }) => ({ offsetBytes: -2 * sectorBytes, bytes })),
  };
}

/** Superblocks of btrfs, the mirror too; blkid wants checksums as well, so these are looked for as bytes. */
const BTRFS_MAGIC = Buffer.from("_BHRfS_M", "latin1");
const BTRFS: readonly ForgedBytes[] = [64 * KIB, 64 * MIB].map((place) => ({
  offsetBytes: place + 64,
  bytes: BTRFS_MAGIC,
}));

describe.each(SECTOR_SIZES)("old signatures, sectors of %i bytes", (sectorBytes) => {
  test("none is left, wherever in an old partition it lay", async () => {
    const known = FORGERIES.filter(({ blkid }) => blkid !== "").map((forgery) =>
      forgery.type === "imsm-member" ? atLastSectorButOne(forgery, sectorBytes) : forgery,
    );
    using old = new LoopDrive("signatures", (known.length + 3) * FORGED_SIZE_BYTES, sectorBytes);
    const { drive } = old;
    const places = [...known.keys(), known.length].map((index) => MIB + index * FORGED_SIZE_BYTES);
    run(
      "parted",
      "-s",
      drive.devicePath,
      "mklabel",
      "gpt",
      ...places.flatMap((start) => [
        "mkpart",
        "old",
        `${start / MIB}MiB`,
        `${(start + FORGED_SIZE_BYTES) / MIB}MiB`,
      ]),
    );
    expect(await readDrivePartitions(drive.name, environment)).toEqual(
      places.map((startBytes, index) => ({
        name: `${drive.name}p${index + 1}`,
        startBytes,
        sizeBytes: FORGED_SIZE_BYTES,
      })),
    );
    for (const [index, { pieces }] of known.entries())
      await write(drive.devicePath, places[index] ?? 0, FORGED_SIZE_BYTES, pieces);
    const btrfsAt = places.at(-1) ?? 0;
    await write(drive.devicePath, btrfsAt, FORGED_SIZE_BYTES, BTRFS);
    const found = () =>
      known.map((_, index) => probe(drive.devicePath, places[index] ?? 0, FORGED_SIZE_BYTES));
    expect(found()).toEqual(known.map(({ blkid }) => blkid));

    await eraseDrive(drive, withoutDiscard);

    expect(found()).toEqual(known.map(() => ""));
    expect(run("wipefs", "-n", drive.devicePath)).toBe("");
    for (const { offsetBytes, bytes } of BTRFS) {
      const left = await host.files.readAt(drive.devicePath, btrfsAt + offsetBytes, bytes.byteLength);
      expect(left.equals(Buffer.alloc(bytes.byteLength))).toBe(true);
    }
    expect(await readDrivePartitions(drive.name, environment)).toEqual([]);
  });

  test("the new partitions show nothing but their own file-systems", async () => {
    using old = new LoopDrive("same-places", 2 * GIB, sectorBytes);
    const plan = planFor(old.drive, "bios", LAYOUTS[0] ?? []);
    await prepareDrives(plan, environment, 2);
    // Members of arrays and groups now lie exactly where the new partitions will be.
    const members = FORGERIES.filter(({ name }) => ["MD 1.0", "MD 0.90", "LVM"].includes(name));
    for (const [index, { startBytes, endBytes }] of plan.bootDrive.partitions.entries()) {
      const { name = "", pieces = [] } = members[index % members.length] ?? {};
      const sizeBytes = endBytes - startBytes;
      const moved = name !== "MD 1.0" ? pieces : pieces.map(({ bytes }) => moveToEnd(bytes, sizeBytes));
      await write(old.drive.devicePath, startBytes, sizeBytes, moved);
      expect(run("wipefs", "-n", old.partition(index + 1))).toMatch(/linux_raid_member|LVM2_member/);
    }
    await prepareDrives(plan, withoutDiscard, 2);
    for (const { number } of plan.bootDrive.partitions) {
      const found: { readonly signatures: readonly { readonly type: string }[] } = JSON.parse(
        run("wipefs", "-n", "-J", old.partition(number)),
      );
      expect(found.signatures.map(({ type }) => type)).toEqual(["ext4"]);
    }
  });
});

/** The superblock of MD 1.0 lies at least 8 KiB before the end, and says where, in sectors. */
function moveToEnd(superblock: Buffer, sizeBytes: number): ForgedBytes {
  const offsetBytes = Math.floor((sizeBytes / 512 - 16) / 8) * 8 * 512;
  const bytes = Buffer.from(superblock);
  bytes.writeBigUInt64LE(BigInt(offsetBytes / 512), 144);
  return { offsetBytes, bytes };
}

const sized = (mountPoint: string, mebibytes: number): Partition => ({
  ...defaultPartition(mountPoint),
  minimumBytes: mebibytes * MIB,
});

/** Layouts whose partitions have the same numbers and other places. */
const LAYOUTS: readonly (readonly Partition[])[] = [
  [sized("/", 200), sized("/home", 64)],
  [sized("/", 300), sized("/var", 100), sized("/home", 32)],
  [sized("/", 210)],
];

function planFor(drive: Drive, firmware: Firmware, bootDriveLayout: readonly Partition[]): StoragePlan {
  return planStorage({
    layout: {
      bootDriveLayout,
      extraMountPointsBasename: "/data/",
      encrypt: false,
      useKexec: false,
      mountBy: "label",
    },
    drives: [drive],
    imageUsageBytes: 10 * MIB,
    imageInodeCount: 1000,
    firmware,
    newUuid: randomUUID,
  });
}

test.each(SECTOR_SIZES)(
  "a drive is partitioned again and again, with sectors of %i bytes",
  async (sectorBytes) => {
    using again = new LoopDrive("again", 2 * GIB, sectorBytes);
    for (const round of [0, 1, 2, 3, 4, 5]) {
      const plan = planFor(
        again.drive,
        round % 2 === 0 ? "bios" : "efi",
        LAYOUTS[round % LAYOUTS.length] ?? [],
      );
      await proveNotInUse([again.drive], environment);
      await prepareDrives(plan, environment, 2);
      const shown = await readDrivePartitions(again.drive.name, environment);
      expect(shown.map(({ startBytes, sizeBytes }) => [startBytes, startBytes + sizeBytes])).toEqual(
        plan.bootDrive.partitions.map(({ startBytes, endBytes }) => [startBytes, endBytes]),
      );
    }
  },
);

describe("release", () => {
  const ownRoots = () => [join(directory, "own")];

  function partitioned(name: string): LoopDrive {
    const loop = new LoopDrive(name, 256 * MIB, 512);
    run("parted", "-s", loop.drive.devicePath, "mklabel", "msdos", "mkpart", "primary", "1MiB", "64MiB");
    run("parted", "-s", loop.drive.devicePath, "mkpart", "primary", "64MiB", "100%");
    return loop;
  }

  test("swap on a partition is switched off", async () => {
    using loop = partitioned("swap");
    run("mkswap", loop.partition(1));
    run("swapon", loop.partition(1));
    try {
      const plan = await readReleasePlan([loop.drive], ownRoots(), environment);
      expect(formatReleasePlan(plan)).toEqual([`before erasing: switch off swap on ${loop.partition(1)}`]);
      await expect(proveNotInUse([loop.drive], environment)).rejects.toMatchObject({
        code: "E_DRIVE_IN_USE",
      });
      await releaseDrives(plan, environment);
      expect(readFileSync("/proc/swaps", "utf8")).not.toContain(loop.drive.devicePath);
      await proveNotInUse([loop.drive], environment);
    } finally {
      spawnSync("swapoff", [loop.partition(1)]);
    }
  });

  test("a swap file and a mount in a mount that an earlier attempt left go, and then the drive is idle", async () => {
    using loop = partitioned("left-over");
    const root = join(directory, "own");
    mkdirSync(root);
    run("mkfs.ext4", "-q", loop.partition(1));
    run("mkfs.ext4", "-q", loop.partition(2));
    run("mount", loop.partition(1), root);
    mkdirSync(join(root, "dev"));
    mkdirSync(join(root, "home"));
    run("mount", loop.partition(2), join(root, "home"));
    run("mount", "-t", "tmpfs", "none", join(root, "dev"));
    const swapFile = join(root, "home", "swap");
    run("dd", "if=/dev/zero", `of=${swapFile}`, "bs=1M", "count=8", "status=none");
    run("chmod", "600", swapFile);
    run("mkswap", swapFile);
    run("swapon", swapFile);
    try {
      const plan = await readReleasePlan([loop.drive], ownRoots(), environment);
      expect(formatReleasePlan(plan)).toEqual([
        `before erasing: switch off swap on ${swapFile}`,
        `before erasing: unmount ${root}/dev`,
        `before erasing: unmount ${root}/home`,
        `before erasing: unmount ${root}`,
      ]);
      await releaseDrives(plan, environment);
      await proveNotInUse([loop.drive], environment);
    } finally {
      spawnSync("swapoff", [swapFile]);
      spawnSync("umount", ["-R", root]);
    }
  });

  test("a mount that is not ours stays, and the drive is refused", async () => {
    using loop = partitioned("foreign");
    run("mkfs.ext4", "-q", loop.partition(1));
    const elsewhere = join(directory, "elsewhere");
    mkdirSync(elsewhere);
    run("mount", loop.partition(1), elsewhere);
    try {
      await expect(readReleasePlan([loop.drive], ownRoots(), environment)).rejects.toMatchObject({
        code: "E_DRIVE_IN_USE",
        message: expect.stringContaining(`${loop.partition(1)} is mounted on ${elsewhere}`),
      });
      expect((await host.mounts.read()).map(({ mountPoint }) => mountPoint)).toContain(elsewhere);
    } finally {
      run("umount", elsewhere);
    }
  });
});
