import { InstallerError } from "../../core/errors.ts";
import type { FileSystemType } from "./layout.ts";

const EXT4_LABEL_BYTES = 16;
const VFAT_LABEL_BYTES = 11;

/**
 * Characters that survive fstab, a kernel command line and a GRUB script without quoting: letters and digits of any
 * alphabet, and a little punctuation.
 */
const EXT4_LABEL = /^[\p{L}\p{N}._/:@%+=,~-]+$/u;
const VFAT_LABEL = /^[A-Za-z0-9_-]+$/;

/** The label of a file-system whose label the operator left open (spec/storage.md section 4.2). */
export function planLabel(mountPoint: string, type: FileSystemType): string {
  switch (mountPoint) {
    case "/":
      return "rootfs";
    case "/boot":
      return "bootfs";
    case "/mnt/efi":
      return "EFI";
    default:
      return type === "vfat" ? vfatLabelOf(mountPoint) : ext4LabelOf(mountPoint);
  }
}

/**
 * Throws E_LAYOUT_LABEL when mkfs would cut or refuse the label, so that fstab (and GRUB) would look for one that
 * is not there.
 */
export function checkLabel(label: string, type: FileSystemType, mountPoint: string): void {
  const limit = type === "vfat" ? VFAT_LABEL_BYTES : EXT4_LABEL_BYTES;
  const length = Buffer.byteLength(label);
  if (length > limit)
    throw labelError(label, mountPoint, `has ${length} bytes, ${type} takes at most ${limit}`);
  if (!(type === "vfat" ? VFAT_LABEL : EXT4_LABEL).test(label))
    throw labelError(label, mountPoint, `has characters that a label of ${type} must not have`);
}

/** The mount point itself, cut at a character boundary, as mkfs would cut it. */
function ext4LabelOf(mountPoint: string): string {
  let label = "";
  for (const character of mountPoint) {
    const next = label + (EXT4_LABEL.test(character) ? character : "_");
    if (Buffer.byteLength(next) > EXT4_LABEL_BYTES) break;
    label = next;
  }
  return label;
}

function vfatLabelOf(mountPoint: string): string {
  const name = mountPoint
    .toUpperCase()
    .replaceAll(/[^A-Z0-9]+/g, "_")
    .replace(/^_+/, "")
    .slice(0, VFAT_LABEL_BYTES);
  return name === "" ? "VFAT" : name;
}

function labelError(label: string, mountPoint: string, why: string): InstallerError {
  return new InstallerError(
    "E_LAYOUT_LABEL",
    `storage layout: label ${JSON.stringify(label)} of ${mountPoint} ${why}`,
  );
}
