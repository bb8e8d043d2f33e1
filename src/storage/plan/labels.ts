import { InstallerError } from "../../core/errors.ts";
import { FILE_SYSTEM_TRAITS } from "./file-system-traits.ts";
import type { FileSystemType } from "./layout.ts";
import { EFI_MOUNT_POINTS } from "./mount-points.ts";

/**
 * Characters that survive fstab, a kernel command line and a GRUB script without quoting: letters and digits of any
 * alphabet, and a little punctuation.
 */
const PLAIN_LABEL = /^[\p{L}\p{N}._/:@%+=,~-]+$/u;
const VFAT_LABEL = /^[A-Za-z0-9_-]+$/;

/** Derived labels stay this short even where mkfs takes more, so that tables stay readable. */
const DERIVED_LABEL_BYTES = 16;

/** The label of a file-system whose label the operator left open (spec/storage.md section 4.2). */
export function planLabel(mountPoint: string, type: FileSystemType): string {
  if (EFI_MOUNT_POINTS.includes(mountPoint)) return "EFI";
  switch (mountPoint) {
    case "/":
      return "rootfs";
    case "/boot":
      return "bootfs";
    default:
      return type === "vfat" ? vfatLabelOf(mountPoint) : plainLabelOf(mountPoint, type);
  }
}

/** The label of the swap area that comes after `earlier` others: `swap`, `swap1`, `swap2`. */
export function planSwapLabel(earlier: number): string {
  return earlier === 0 ? "swap" : `swap${earlier}`;
}

/**
 * Throws E_LAYOUT_LABEL when mkfs would cut or refuse the label, so that fstab (and GRUB) would look for one that
 * is not there.
 */
export function checkLabel(label: string, type: FileSystemType, mountPoint: string): void {
  const limit = FILE_SYSTEM_TRAITS[type].labelBytes;
  const length = Buffer.byteLength(label);
  if (length > limit)
    throw labelError(label, mountPoint, `has ${length} bytes, ${type} takes at most ${limit}`);
  if (!(type === "vfat" ? VFAT_LABEL : PLAIN_LABEL).test(label))
    throw labelError(label, mountPoint, `has characters that a label of ${type} must not have`);
}

/** The mount point itself, cut at a character boundary, as mkfs would cut it. */
function plainLabelOf(mountPoint: string, type: FileSystemType): string {
  const limit = Math.min(DERIVED_LABEL_BYTES, FILE_SYSTEM_TRAITS[type].labelBytes);
  let label = "";
  for (const character of mountPoint) {
    const next = label + (PLAIN_LABEL.test(character) ? character : "_");
    if (Buffer.byteLength(next) > limit) break;
    label = next;
  }
  return label;
}

function vfatLabelOf(mountPoint: string): string {
  const name = mountPoint
    .toUpperCase()
    .replaceAll(/[^A-Z0-9]+/g, "_")
    .replace(/^_+/, "")
    .slice(0, FILE_SYSTEM_TRAITS.vfat.labelBytes);
  return name === "" ? "VFAT" : name;
}

function labelError(label: string, mountPoint: string, why: string): InstallerError {
  return new InstallerError(
    "E_LAYOUT_LABEL",
    `storage layout: label ${JSON.stringify(label)} of ${mountPoint} ${why}`,
  );
}
