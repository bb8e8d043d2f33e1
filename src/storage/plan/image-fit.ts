import { formatBytes } from "../../core/byte-size.ts";
import { InstallerError } from "../../core/errors.ts";
import { planBytesPerInode, SPARE_INODES } from "./ext4-inodes.ts";
import { estimateRoom } from "./file-system-room.ts";
import type { FileSystemPlan } from "./plan.ts";

/** What an image takes on a file-system. */
export interface ImageSize {
  /** Space of its files, whole blocks counted (spec/storage.md section 4.4). */
  readonly usageBytes: number;
  readonly inodeCount: number;
}

/** The device that the root file-system is made on. */
export interface RootDevice {
  readonly sizeBytes: number;
  readonly sectorBytes: number;
}

/** The bytes-per-inode ratio for an ext4 root: the operator's, else the default of mkfs (undefined) unless that is too few. */
export function planRootBytesPerInode(
  configured: number | undefined,
  { sizeBytes, sectorBytes }: RootDevice,
  image: ImageSize,
): number | undefined {
  return configured ?? planBytesPerInode(sizeBytes, image.inodeCount, sectorBytes);
}

/**
 * Throws E_LAYOUT_INODES or E_LAYOUT_SIZE unless the root file-system will hold the image: the original found out while
 * unpacking, with the drives erased.
 */
export function checkRootHoldsImage(
  fileSystem: Pick<FileSystemPlan, "type" | "bytesPerInode" | "reservedBlocksPercentage">,
  { sizeBytes, sectorBytes }: RootDevice,
  image: ImageSize,
): void {
  const room = estimateRoom(fileSystem, sizeBytes, sectorBytes, image.inodeCount);
  const inodes = Math.max(0, room.inodes - SPARE_INODES);
  const what = `planning the root file-system of ${formatBytes(sizeBytes)}`;
  if (inodes < image.inodeCount)
    throw new InstallerError(
      "E_LAYOUT_INODES",
      `${what}: it would have ${inodes} inodes, the image needs ${image.inodeCount}`,
    );
  const bytes = Math.floor(room.bytes);
  if (bytes < image.usageBytes)
    throw new InstallerError(
      "E_LAYOUT_SIZE",
      `${what}: ${fileSystem.type} would have room for ${formatBytes(bytes)} (${bytes} bytes), ` +
        `the image needs ${formatBytes(image.usageBytes)} (${image.usageBytes} bytes): raise MinimumBytes`,
    );
}
