import type { Drive } from "../../../../src/storage/drives/drives.ts";
import { defaultPartition, type Partition, type StorageLayout } from "../../../../src/storage/plan/layout.ts";
import type { StoragePlan } from "../../../../src/storage/plan/plan.ts";
import { planStorage, type StorageRequest } from "../../../../src/storage/plan/plan-storage.ts";

export const MIB = 2 ** 20;
export const GIB = 2 ** 30;
export const TIB = 2 ** 40;

export function drive(name: string, changes: Partial<Drive> = {}): Drive {
  return {
    name,
    devicePath: `/dev/${name}`,
    sizeBytes: 16 * GIB,
    logicalSectorBytes: 512,
    physicalSectorBytes: 512,
    rotational: false,
    transport: "unknown",
    model: "",
    serial: "",
    wwn: "",
    path: "",
    busLocation: name,
    ...changes,
  };
}

export function partition(mountPoint: string, changes: Partial<Partition> = {}): Partition {
  return { ...defaultPartition(mountPoint), ...changes };
}

/** The layout that most machines have: `/`, `/home`, `/var/log` and the rest. */
export const ordinaryPartitions: readonly Partition[] = [
  partition("/", { minimumFreeBytes: 2 * GIB }),
  partition("/home", { minimumFreeBytes: GIB }),
  partition("/var/log", { minimumFreeBytes: 512 * MIB }),
];

export function layout(
  bootDriveLayout: readonly Partition[] = ordinaryPartitions,
  changes: Partial<StorageLayout> = {},
): StorageLayout {
  return {
    bootDriveLayout,
    extraMountPointsBasename: "/data/",
    encrypt: false,
    useKexec: false,
    mountBy: "label",
    ...changes,
  };
}

/** UUIDs that tell in which order they were asked for. */
export function countingUuids(): () => string {
  let asked = 0;
  return () => {
    asked += 1;
    return `${String(asked).padStart(8, "0")}-0000-4000-8000-${String(asked).padStart(12, "0")}`;
  };
}

export function plan(changes: Partial<StorageRequest> = {}): StoragePlan {
  return planStorage({
    layout: layout(),
    drives: [drive("sda")],
    imageUsageBytes: 100 * MIB,
    imageInodeCount: 1000,
    firmware: "bios",
    newUuid: countingUuids(),
    ...changes,
  });
}
