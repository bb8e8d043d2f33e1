import { InstallerError } from "../../core/errors.ts";
import { FILE_SYSTEM_TRAITS } from "./file-system-traits.ts";
import { checkLabel } from "./labels.ts";
import { describePartition, FILE_SYSTEM_TYPES, type Partition } from "./layout.ts";

const RESERVED_PERCENT_LIMIT = 50;
const BYTES_PER_INODE_RANGE = { smallest: 1024, largest: 2 ** 26 } as const;

/** Throws E_LAYOUT_VALUE or E_LAYOUT_LABEL for a partition that mkfs could not make as it is asked for. */
export function checkPartition(partition: Partition): void {
  const { mountPoint, fileSystemType } = partition;
  if (mountPoint === "/" && !FILE_SYSTEM_TRAITS[fileSystemType].canBeRoot)
    throw valueError(
      partition,
      `FileSystemType=${fileSystemType}: a root file-system must be ${rootTypes()}`,
    );
  if (FILE_SYSTEM_TRAITS[fileSystemType].isTunable) checkTuning(partition);
  else checkUntuned(partition);
  checkLabel(partition.fileSystemLabel, fileSystemType, describePartition(partition));
}

function checkTuning(partition: Partition): void {
  const { bytesPerInode, reservedBlocksPercentage } = partition;
  const { smallest, largest } = BYTES_PER_INODE_RANGE;
  if (bytesPerInode !== 0 && (bytesPerInode < smallest || bytesPerInode > largest))
    throw valueError(partition, `BytesPerInode=${bytesPerInode}: expected ${smallest} to ${largest}`);
  if (reservedBlocksPercentage > RESERVED_PERCENT_LIMIT)
    throw valueError(
      partition,
      `ReservedBlocksPercentage=${reservedBlocksPercentage}: expected at most ${RESERVED_PERCENT_LIMIT}`,
    );
}

/** A value that would have no effect is refused: the operator counts on it. */
function checkUntuned(partition: Partition): void {
  for (const [key, value] of [
    ["BytesPerInode", partition.bytesPerInode],
    ["ReservedBlocksPercentage", partition.reservedBlocksPercentage],
    ["RootUserId", partition.rootUserId],
    ["RootGroupId", partition.rootGroupId],
  ] as const)
    if (value !== 0)
      throw valueError(partition, `${key}=${value}: only ext4 has that, this is ${partition.fileSystemType}`);
}

function rootTypes(): string {
  const types = FILE_SYSTEM_TYPES.filter((type) => FILE_SYSTEM_TRAITS[type].canBeRoot);
  return `${types.slice(0, -1).join(", ")} or ${types.at(-1)}`;
}

function valueError(partition: Partition, what: string): InstallerError {
  return new InstallerError(
    "E_LAYOUT_VALUE",
    `storage layout: partition ${describePartition(partition)}: ${what}`,
  );
}
