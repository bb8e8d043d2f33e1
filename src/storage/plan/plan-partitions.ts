import { formatBytes } from "../../core/byte-size.ts";
import { InstallerError } from "../../core/errors.ts";
import type { Drive } from "../drives/drives.ts";
import { smallestVolumeBytes } from "./file-system-traits.ts";
import { describePartition, type Partition } from "./layout.ts";
import type { Firmware, PartitionTableType } from "./plan.ts";

/** Where a partition of the layout lies on the drive; see PartitionPlan. */
export interface PartitionExtent {
  readonly number: number;
  readonly startBytes: number;
  readonly endBytes: number;
  readonly openEnded: boolean;
  /** Undefined for the area that GRUB keeps itself in. */
  readonly partition: Partition | undefined;
}

export interface PartitionTablePlan {
  readonly tableType: PartitionTableType;
  readonly extents: readonly PartitionExtent[];
  readonly notes: readonly string[];
}

const MIB = 2 ** 20;

const MSDOS_PARTITIONS = 4;
const MSDOS_SECTORS = 2 ** 32;
const GPT_PARTITIONS = 128;
/** The backup of a GPT takes less than this, whatever the sector size. */
const GPT_TAIL_BYTES = MIB;

/**
 * Lays out the partitions of the boot drive: from 1 MiB on, one after the other, whole MiB, the last one to the end
 * (spec/storage.md section 4.5). Sizes must be final. Throws E_LAYOUT_SIZE, E_LAYOUT_TOO_MANY_PARTITIONS and
 * E_DRIVE_TOO_SMALL.
 */
export function planPartitions(
  drive: Drive,
  partitions: readonly Partition[],
  firmware: Firmware,
): PartitionTablePlan {
  checkOnlyLastIsOpen(partitions);
  const { tableType, why } = chooseTableType(drive, partitions.length, firmware);
  const biosArea = firmware === "bios" && tableType === "gpt";
  if (partitions.length + (biosArea ? 1 : 0) > GPT_PARTITIONS)
    throw new InstallerError(
      "E_LAYOUT_TOO_MANY_PARTITIONS",
      `storage layout: ${partitions.length} partitions are more than a partition table holds`,
    );
  const limitBytes = usableEndBytes(drive, tableType);
  const extents = placePartitions(partitions, (biosArea ? 2 : 1) * MIB, limitBytes);
  checkFits(drive, extents, limitBytes);
  // Last in number, first on the drive: the numbers of the layout's partitions stay what they would be without it.
  const area = { number: partitions.length + 1, startBytes: MIB, endBytes: 2 * MIB, openEnded: false };
  return {
    tableType,
    extents: biosArea ? [...extents, { ...area, partition: undefined }] : extents,
    notes: why === undefined ? [] : [`using a GPT with a BIOS boot partition: ${why}`],
  };
}

/** The size that the layout asks for, in whole MiB; 0: the rest of the drive. */
export function partitionSizeBytes(partition: Partition): number {
  return Math.ceil(Math.max(partition.minimumBytes, partition.minimumFreeBytes) / MIB) * MIB;
}

function checkOnlyLastIsOpen(partitions: readonly Partition[]): void {
  const open = partitions.slice(0, -1).find((partition) => partitionSizeBytes(partition) === 0);
  if (open !== undefined)
    throw new InstallerError(
      "E_LAYOUT_SIZE",
      `storage layout: partition ${describePartition(open)} has neither MinimumBytes nor MinimumFreeBytes, and is not the last`,
    );
}

/** EFI means GPT; BIOS means an MBR table as long as that can describe the drive. */
function chooseTableType(
  drive: Drive,
  partitionCount: number,
  firmware: Firmware,
): { readonly tableType: PartitionTableType; readonly why?: string } {
  if (firmware === "efi") return { tableType: "gpt" };
  if (partitionCount > MSDOS_PARTITIONS)
    return { tableType: "gpt", why: `an MBR has no room for ${partitionCount} partitions` };
  if (drive.sizeBytes > MSDOS_SECTORS * drive.logicalSectorBytes)
    return { tableType: "gpt", why: `an MBR cannot describe a drive of ${formatBytes(drive.sizeBytes)}` };
  return { tableType: "msdos" };
}

function usableEndBytes(drive: Drive, tableType: PartitionTableType): number {
  const tailBytes = tableType === "gpt" ? GPT_TAIL_BYTES : 0;
  return Math.floor(Math.max(0, drive.sizeBytes - tailBytes) / MIB) * MIB;
}

function placePartitions(
  partitions: readonly Partition[],
  firstByte: number,
  limitBytes: number,
): readonly PartitionExtent[] {
  let nextByte = firstByte;
  return partitions.map((partition, index) => {
    const startBytes = nextByte;
    const sizeBytes = partitionSizeBytes(partition);
    const openEnded = sizeBytes === 0;
    nextByte = openEnded ? Math.max(limitBytes, startBytes) : startBytes + sizeBytes;
    return { number: index + 1, startBytes, endBytes: nextByte, openEnded, partition };
  });
}

function checkFits(drive: Drive, extents: readonly PartitionExtent[], limitBytes: number): void {
  const neededBytes = extents.map(neededEndBytes);
  const last = Math.max(...neededBytes);
  const first = extents[neededBytes.findIndex((bytes) => bytes > limitBytes)];
  if (first?.partition === undefined) return;
  // Beyond 2^53 sums are no longer exact, but still far beyond any drive.
  const layoutBytes = Math.min(last, Number.MAX_SAFE_INTEGER);
  throw new InstallerError(
    "E_DRIVE_TOO_SMALL",
    `planning ${drive.devicePath}: partition ${first.number} (${describePartition(first.partition)}) does not fit: ` +
      `the layout needs ${formatExactly(layoutBytes)}, the drive has room for ${formatExactly(limitBytes)}`,
  );
}

/** Where the partition has to end at least; one that takes the rest must be of some use, encrypted or not. */
function neededEndBytes({ startBytes, endBytes, openEnded, partition }: PartitionExtent): number {
  if (!openEnded || partition === undefined) return endBytes;
  return startBytes + smallestVolumeBytes(partition.fileSystemType, true);
}

function formatExactly(sizeBytes: number): string {
  return `${formatBytes(sizeBytes)} (${sizeBytes} bytes)`;
}
