import type { StorageCase } from "./storage-expectation.ts";
import { cutLabel, dataLabels, EXT4_LABEL_BYTES } from "./storage-labels.ts";
import { dataDrivesOf, type OriginalPartition, originalPartitions } from "./storage-layout-facts.ts";
import type { StorageRule } from "./storage-rules.ts";
import { refuse } from "./storage-rules-input.ts";

/** Rules about layouts that the original takes and this program refuses. */
export const REFUSAL_RULES: readonly StorageRule[] = [
  refusal("R-STO-MOUNT-POINTS", ["E_LAYOUT_MOUNT_POINT"], (partitions) => {
    const mountPoints = partitions.map(({ mountPoint }) => mountPoint);
    // An EFI partition that the original doubles is a matter of R-STO-ONE-EFI.
    const own = partitions
      .filter(({ configured }) => configured !== undefined)
      .map(({ mountPoint }) => mountPoint);
    const twice = own.filter((mountPoint, index) => own.indexOf(mountPoint) !== index);
    return twice.length > 0 || mountPoints.some(isBadMountPoint);
  }),
  refusal("R-STO-ROOT-TYPE", ["E_LAYOUT_VALUE"], (partitions) =>
    partitions.some(({ mountPoint, type }) => mountPoint === "/" && type === "vfat"),
  ),
  refusal("R-STO-LABELS", ["E_LAYOUT_LABEL"], (partitions, context) => {
    const all = [...partitions.map(({ label }) => label), ...dataLabels(context)];
    return partitions.some(hasBadLabel) || new Set(all.map(cutLabel)).size < all.length;
  }),
  refusal("R-STO-OPEN-END", ["E_LAYOUT_SIZE"], (partitions) =>
    partitions.slice(0, -1).some(({ hasSize }) => !hasSize),
  ),
  refusal("R-STO-SMALL-VOLUMES", ["E_LAYOUT_SIZE", "E_LAYOUT_INODES"], (partitions, context) => {
    const isEncrypted = context.layout?.encrypt === true;
    const isSmallPartition = ({ mountPoint, configured, hasSize }: OriginalPartition): boolean => {
      const bytes = Math.max(configured?.minimumBytes ?? 0, configured?.minimumFreeBytes ?? 0);
      return (
        isEncrypted &&
        hasSize &&
        !NEVER_ENCRYPTED.includes(mountPoint) &&
        bytes <= SMALLEST_ENCRYPTED_BYTES - MIB
      );
    };
    const smallestDrive = isEncrypted ? SMALLEST_ENCRYPTED_BYTES : SMALLEST_DATA_DRIVE_BYTES;
    const sizes = new Map(
      context.vector.drives.map(({ name, sizeSectors }) => [name, Number(sizeSectors) * 512]),
    );
    return (
      partitions.some(isSmallPartition) ||
      dataDrivesOf(context).some((name) => (sizes.get(name) ?? smallestDrive) < smallestDrive)
    );
  }),
  refusal("R-STO-VALUES", ["E_LAYOUT_VALUE"], (partitions) =>
    partitions.some(({ configured, type }) => {
      const {
        bytesPerInode = 0,
        reservedBlocksPercentage = 0,
        rootUserId = 0,
        rootGroupId = 0,
      } = configured ?? {};
      if (type !== "ext4") return bytesPerInode + reservedBlocksPercentage + rootUserId + rootGroupId > 0;
      return (
        (bytesPerInode > 0 && (bytesPerInode < 1024 || bytesPerInode > 2 ** 26)) ||
        reservedBlocksPercentage > 50
      );
    }),
  ),
];

const MIB = 2 ** 20;
const NEVER_ENCRYPTED = ["/", "/boot", "/mnt/efi"];
/** A header of 16 MiB, and as much for the file-system. */
const SMALLEST_ENCRYPTED_BYTES = 32 * MIB;
/** With 1 MiB for each inode mke2fs has to make more than its own. */
const SMALLEST_DATA_DRIVE_BYTES = 16 * MIB;

type Condition = (partitions: readonly OriginalPartition[], context: StorageCase) => boolean;

/** A rule for layouts that the original went on with. */
function refusal(id: string, codes: Parameters<typeof refuse>[1], isWrong: Condition): StorageRule {
  return {
    id,
    apply(expectation, context) {
      const wentOn = expectation.meaning !== undefined;
      if (!wentOn || !isWrong(originalPartitions(context), context)) return false;
      refuse(expectation, codes);
      return true;
    },
  };
}

function isBadMountPoint(mountPoint: string): boolean {
  const segments = mountPoint.split("/");
  return (
    (!mountPoint.startsWith("/") && !/^\d+$/.test(mountPoint)) ||
    segments.includes("..") ||
    segments.includes(".") ||
    /^\/(proc|sys|dev|run|\.inodes)(\/|$)/.test(mountPoint)
  );
}

function hasBadLabel({ label, hasOwnLabel, type }: OriginalPartition): boolean {
  if (type === "vfat") return hasOwnLabel && !/^[A-Za-z0-9_-]{1,11}$/.test(label);
  return (
    hasOwnLabel && (Buffer.byteLength(label) > EXT4_LABEL_BYTES || /[^\p{L}\p{N}._/:@%+=,~-]/u.test(label))
  );
}
