import { formatBytes } from "../../core/byte-size.ts";
import { InstallerError } from "../../core/errors.ts";
import { LUKS_HEADER_BYTES, smallestVolumeBytes } from "./file-system-traits.ts";
import type { Volume } from "./plan.ts";

/** mke2fs fails when there is no room for its own eleven. */
const SMALLEST_INODE_COUNT = 16;

/** Throws E_LAYOUT_SIZE or E_LAYOUT_INODES for a volume that mkfs or cryptsetup would find too small. */
export function checkVolumeSizes(volumes: readonly Volume[]): void {
  for (const volume of volumes) {
    checkSize(volume);
    checkInodes(volume);
  }
}

/** Throws when two volumes share a mount point, or a label: mounting by label would pick either. */
export function checkVolumesDiffer(volumes: readonly Volume[]): void {
  const mountPoints = new Set<string>();
  const labelOwners = new Map<string, string>();
  for (const volume of volumes) {
    const { mountPoint, label } = volume.fileSystem;
    if (mountPoints.has(mountPoint))
      throw new InstallerError(
        "E_LAYOUT_MOUNT_POINT",
        `storage layout: mount point ${mountPoint} is used twice`,
      );
    const owner = labelOwners.get(label);
    if (owner !== undefined)
      throw new InstallerError(
        "E_LAYOUT_LABEL",
        `storage layout: label ${JSON.stringify(label)} of ${nameOf(volume)} is already that of ${owner}`,
      );
    if (volume.purpose !== "swap") mountPoints.add(mountPoint);
    labelOwners.set(label, nameOf(volume));
  }
}

function checkSize(volume: Volume): void {
  const { encrypted, sizeBytes, fileSystem } = volume;
  const smallestBytes = smallestVolumeBytes(fileSystem.type, encrypted);
  if (sizeBytes >= smallestBytes) return;
  throw new InstallerError(
    "E_LAYOUT_SIZE",
    `storage layout: ${placeOf(volume)} has ${formatBytes(sizeBytes)}, ` +
      `${fileSystem.type}${encrypted ? " with encryption" : ""} needs at least ${formatBytes(smallestBytes)}`,
  );
}

function checkInodes(volume: Volume): void {
  const { bytesPerInode } = volume.fileSystem;
  if (bytesPerInode === undefined) return;
  const sizeBytes = volume.sizeBytes - (volume.encrypted ? LUKS_HEADER_BYTES : 0);
  const inodes = Math.floor(sizeBytes / bytesPerInode);
  if (inodes >= SMALLEST_INODE_COUNT) return;
  throw new InstallerError(
    "E_LAYOUT_INODES",
    `storage layout: ${placeOf(volume)} would have ${inodes} inodes ` +
      `with BytesPerInode=${bytesPerInode}, ext4 needs at least ${SMALLEST_INODE_COUNT}`,
  );
}

function nameOf(volume: Volume): string {
  return volume.purpose === "swap" ? placeOf(volume) : volume.fileSystem.mountPoint;
}

function placeOf({ purpose, devicePath, fileSystem }: Volume): string {
  return `${purpose === "swap" ? "swap" : fileSystem.mountPoint} on ${devicePath}`;
}
