import { formatBytes } from "../../core/byte-size.ts";
import { InstallerError } from "../../core/errors.ts";
import { checkPartition } from "./check-partition.ts";
import { checkOneEfiPartition, withEfiPartition } from "./efi-partition.ts";
import { planLabel, planSwapLabel } from "./labels.ts";
import { defaultPartition, describePartition, type Partition, type StorageLayout } from "./layout.ts";
import { parseMountPoint, parseSwapMountPoint } from "./mount-points.ts";
import type { Firmware } from "./plan.ts";

/** A layout ready for planning: mount points plain, labels set, EFI and data partition in place. */
export interface NormalisedLayout {
  readonly partitions: readonly Partition[];
  /** Prefix of the mount points of data file-systems. */
  readonly dataBasename: string;
  /** What was added or changed, for the log. */
  readonly notes: readonly string[];
}

/** Where data goes when the operator does not say; the original made `0` of it, which cannot be mounted. */
const DEFAULT_DATA_BASENAME = "/data/";

/**
 * Completes and checks a layout (spec/storage.md sections 4.1 to 4.3). Throws E_LAYOUT_* for a layout that cannot work,
 * in the original's words where it has any.
 */
export function normaliseLayout(layout: StorageLayout, firmware: Firmware): NormalisedLayout {
  const notes: string[] = [];
  const dataBasename = planDataBasename(layout, notes);
  const configured = layout.bootDriveLayout.map(withPlainMountPoint);
  checkOneEfiPartition(configured);
  const bootable = firmware === "efi" ? withEfiPartition(configured) : configured;
  if (!bootable.some((partition) => partition.mountPoint === "/"))
    throw new InstallerError("E_LAYOUT_NO_ROOT", "no root partition specified in layout");
  const partitions = withLabels(withDataPartition(bootable, dataBasename, notes));
  for (const partition of partitions) checkPartition(partition);
  return { partitions, dataBasename, notes };
}

function planDataBasename(layout: StorageLayout, notes: string[]): string {
  if (layout.extraMountPointsBasename !== "") return layout.extraMountPointsBasename;
  notes.push(`no ExtraMountPointsBasename in the layout: using ${DEFAULT_DATA_BASENAME}`);
  return DEFAULT_DATA_BASENAME;
}

function withPlainMountPoint(partition: Partition): Partition {
  const parse = partition.fileSystemType === "swap" ? parseSwapMountPoint : parseMountPoint;
  return { ...partition, mountPoint: parse(partition.mountPoint) };
}

/** The first data file-system takes the rest of the boot drive; it is added unless the layout has it. */
function withDataPartition(
  partitions: readonly Partition[],
  basename: string,
  notes: string[],
): readonly Partition[] {
  const mountPoint = parseMountPoint(`${basename}0`);
  const last = partitions.at(-1);
  if (last === undefined || !partitions.some((partition) => partition.mountPoint === mountPoint)) {
    notes.push(`adding implied last partition: ${mountPoint}`);
    return [...partitions, defaultPartition(mountPoint)];
  }
  for (const [key, sizeBytes] of [
    ["MinimumBytes", last.minimumBytes],
    ["MinimumFreeBytes", last.minimumFreeBytes],
  ] as const) {
    if (sizeBytes !== 0)
      throw new InstallerError(
        "E_LAYOUT_SIZE",
        `last partition: ${describePartition(last)} has ${key}=${formatBytes(sizeBytes)}`,
      );
  }
  return partitions;
}

function withLabels(partitions: readonly Partition[]): readonly Partition[] {
  let swapAreas = 0;
  return partitions.map((partition) => {
    const { mountPoint, fileSystemType, fileSystemLabel } = partition;
    if (fileSystemLabel !== "") return partition;
    const label =
      fileSystemType === "swap" ? planSwapLabel(swapAreas++) : planLabel(mountPoint, fileSystemType);
    return { ...partition, fileSystemLabel: label };
  });
}
