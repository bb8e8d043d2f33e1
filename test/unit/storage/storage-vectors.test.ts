import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { hasCode } from "../../../src/core/errors.ts";
import { type Drive, parseDrive, sortByBusLocation } from "../../../src/storage/drives/drives.ts";
import { parseDriveSelection, selectDrives } from "../../../src/storage/drives/select-drives.ts";
import { renderDiscard } from "../../../src/storage/make/erase.ts";
import { renderLuksFormat, renderLuksOpen } from "../../../src/storage/make/luks.ts";
import { renderMakeFileSystem } from "../../../src/storage/make/make-file-system.ts";
import { renderPartitionCommand } from "../../../src/storage/make/partition-table.ts";
import { defaultPartition, type Partition, type StorageLayout } from "../../../src/storage/plan/layout.ts";
import { type StoragePlan, type Volume, volumesOf } from "../../../src/storage/plan/plan.ts";
import { planStorage, type StorageRequest } from "../../../src/storage/plan/plan-storage.ts";
import { renderCrypttab, renderFstab } from "../../../src/storage/target/fstab.ts";
import type { Command } from "../../../src/system/commands.ts";

/** Recorded from the original; formats: INDEX.md beside the files. */
const DIRECTORY = join(import.meta.dirname, "../../vectors/storage");

interface VectorDrive {
  readonly name: string;
  readonly sizeSectors: number;
  readonly removable: string;
  readonly link: string;
  readonly partition?: boolean;
  readonly nodevice?: boolean;
  readonly unreadable?: boolean;
  readonly notlink?: boolean;
}

interface VectorEvent {
  readonly run?: readonly string[];
  readonly fails?: boolean;
}

interface VectorPartition {
  readonly MountPoint: string;
  readonly FileSystemType?: "ext4" | "vfat";
  readonly FileSystemLabel?: string;
  readonly MinimumBytes?: number;
  readonly MinimumFreeBytes?: number;
}

interface Vector {
  readonly name: string;
  readonly layout: {
    readonly BootDriveLayout?: readonly VectorPartition[] | null;
    readonly ExtraMountPointsBasename?: string;
    readonly Encrypt?: boolean;
    readonly UseKexec?: boolean;
  };
  readonly drives: readonly VectorDrive[];
  readonly efi: boolean;
  readonly imageUsage?: string;
  readonly driveSelectorOutput?: string;
  readonly dryRunOfUnmodifiedProgram?: { readonly files?: Readonly<Record<string, string>> };
  readonly expected: {
    readonly error?: string;
    readonly driveOrder?: readonly string[];
    readonly selected?: readonly string[];
    readonly files?: Readonly<Record<string, string>>;
    readonly drives?: Readonly<
      Record<
        string,
        {
          readonly start: readonly VectorEvent[];
          readonly partitions?: Readonly<Record<string, readonly VectorEvent[]>>;
        }
      >
    >;
  };
}

const vectors = readdirSync(DIRECTORY)
  .filter((name) => name.endsWith(".json"))
  .map((name) => JSON.parse(readFileSync(join(DIRECTORY, name), "utf8")) as Vector);

describe("recorded installations", () => {
  test.each(vectors.filter((vector) => vector.expected.drives !== undefined))(
    "$name: commands and tables",
    (vector) => {
      const drives = findVectorDrives(vector);
      if (vector.expected.driveOrder !== undefined)
        expect(drives.map((drive) => drive.name)).toEqual(vector.expected.driveOrder);
      const plan = planOnLargeEnoughDrives(vector, drives);
      const discarded = discardedDrives(vector);
      expect(commandsOf(plan, discarded)).toEqual(recordedCommands(vector));
      const files = vector.expected.files ?? vector.dryRunOfUnmodifiedProgram?.files ?? {};
      if (files["etc/fstab"] !== undefined) expect(renderFstab(plan, discarded)).toBe(files["etc/fstab"]);
      if (files["etc/crypttab"] !== undefined || files["etc/fstab"] !== undefined)
        expect(renderCrypttab(plan, discarded)).toBe(files["etc/crypttab"] ?? "");
    },
  );

  test.each(vectors.filter((vector) => vector.expected.drives === undefined))("$name: error", (vector) => {
    expect(() => planOnLargeEnoughDrives(vector, findVectorDrives(vector))).toThrow(
      expect.objectContaining({ message: vector.expected.error?.trimEnd() }),
    );
  });
});

function findVectorDrives(vector: Vector): readonly Drive[] {
  const found = vector.drives
    .filter((drive) => drive.unreadable !== true)
    .map((drive) =>
      parseDrive({
        name: drive.name,
        isPartition: drive.partition === true,
        isDevice: drive.nodevice !== true,
        link: drive.notlink === true ? undefined : drive.link,
        removable: drive.removable,
        hidden: undefined,
        readOnly: undefined,
        sizeSectors: String(drive.sizeSectors),
        logicalSectorBytes: undefined,
        physicalSectorBytes: undefined,
        rotational: undefined,
        model: undefined,
        serial: undefined,
        wwn: undefined,
      }),
    );
  return sortByBusLocation(found.flatMap((verdict) => ("drive" in verdict ? [verdict.drive] : [])));
}

/** The original does not look whether the layout fits; most recordings were made with drives that are too small. */
function planOnLargeEnoughDrives(vector: Vector, drives: readonly Drive[]): StoragePlan {
  const names =
    vector.driveSelectorOutput === undefined ? undefined : parseDriveSelection(vector.driveSelectorOutput);
  const request: StorageRequest = {
    layout: vectorLayout(vector),
    drives: selectDrives(drives, names),
    imageUsageBytes: Number(vector.imageUsage ?? 0),
    imageInodeCount: 100,
    firmware: vector.efi ? "efi" : "bios",
  };
  try {
    return planStorage(request);
  } catch (error) {
    if (!hasCode(error, "E_DRIVE_TOO_SMALL")) throw error;
    const [boot, ...data] = request.drives;
    return planStorage({ ...request, drives: [{ ...boot, sizeBytes: 2 ** 40 }, ...data] });
  }
}

function vectorLayout({ layout }: Vector): StorageLayout {
  return {
    bootDriveLayout: (layout.BootDriveLayout ?? []).map(vectorPartition),
    extraMountPointsBasename: layout.ExtraMountPointsBasename ?? "",
    encrypt: layout.Encrypt ?? false,
    useKexec: layout.UseKexec ?? false,
  };
}

function vectorPartition(keys: VectorPartition): Partition {
  return {
    ...defaultPartition(keys.MountPoint),
    fileSystemType: keys.FileSystemType ?? "ext4",
    fileSystemLabel: keys.FileSystemLabel ?? "",
    minimumBytes: keys.MinimumBytes ?? 0,
    minimumFreeBytes: keys.MinimumFreeBytes ?? 0,
  };
}

function discardedDrives(vector: Vector): ReadonlySet<string> {
  return new Set(
    Object.entries(vector.expected.drives ?? {})
      .filter(([, { start }]) =>
        start.some((event) => event.run?.[0] === "blkdiscard" && event.fails !== true),
      )
      .map(([devicePath]) => devicePath.slice("/dev/".length)),
  );
}

function recordedCommands(vector: Vector): Readonly<Record<string, readonly string[]>> {
  return Object.fromEntries(
    Object.entries(vector.expected.drives ?? {}).flatMap(([devicePath, { start, partitions }]) => [
      [devicePath, commandLines(start)],
      ...Object.entries(partitions ?? {}).map(([path, events]) => [path, commandLines(events)]),
    ]),
  );
}

function commandLines(events: readonly VectorEvent[]): readonly string[] {
  return events.flatMap(({ run }) => (run === undefined ? [] : [run.join(" ")]));
}

function commandsOf(
  plan: StoragePlan,
  discarded: ReadonlySet<string>,
): Readonly<Record<string, readonly string[]>> {
  const { drive } = plan.bootDrive;
  const boot = [renderDiscard(drive), renderPartitionCommand(plan.bootDrive, plan.firmware)];
  const byDevice = new Map<string, readonly Command[]>([
    [drive.devicePath, boot],
    ...plan.dataDrives.map((data) => [data.drive.devicePath, [renderDiscard(data.drive)]] as const),
  ]);
  for (const volume of volumesOf(plan))
    byDevice.set(volume.devicePath, [
      ...(byDevice.get(volume.devicePath) ?? []),
      ...volumeCommands(volume, discarded.has(volume.driveName)),
    ]);
  return Object.fromEntries(
    [...byDevice].map(([path, commands]) => [
      path,
      commands.map(({ program, args }) => [program, ...args].join(" ")),
    ]),
  );
}

function volumeCommands(volume: Volume, discarded: boolean): readonly Command[] {
  const luks = volume.encrypted ? [renderLuksFormat(volume), renderLuksOpen(volume, discarded)] : [];
  return [...luks, renderMakeFileSystem(volume)];
}
