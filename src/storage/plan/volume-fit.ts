import { formatBytes } from "../../core/byte-size.ts";
import { InstallerError } from "../../core/errors.ts";
import { estimateRoom } from "./file-system-room.ts";
import { LUKS_HEADER_BYTES } from "./file-system-traits.ts";
import type { ImageSize } from "./image-fit.ts";
import type { Volume } from "./plan.ts";

/**
 * Throws E_LAYOUT_INODES or E_LAYOUT_SIZE unless the file-system of `volume` will hold `needed`, the part of an image that
 * lies on it; `what` names the volume in messages.
 */
export function checkVolumeHolds(volume: Volume, sectorBytes: number, needed: ImageSize, what: string): void {
  const sizeBytes = volume.sizeBytes - (volume.encrypted ? LUKS_HEADER_BYTES : 0);
  const room = estimateRoom(volume.fileSystem, sizeBytes, sectorBytes, needed.inodeCount);
  if (room.inodes < needed.inodeCount)
    throw new InstallerError(
      "E_LAYOUT_INODES",
      `planning ${what}: it would have ${room.inodes} inodes, the image has ${needed.inodeCount} there`,
    );
  if (room.bytes < needed.usageBytes)
    throw new InstallerError(
      "E_LAYOUT_SIZE",
      `planning ${what}: ${volume.fileSystem.type} would have room for ${formatBytes(room.bytes)}, the image has ` +
        `${formatBytes(needed.usageBytes)} there: raise MinimumFreeBytes`,
    );
}
