import type { MountEntry } from "../../system/mounts.ts";
import { isBelowOrSame } from "../plan/mount-points.ts";

/**
 * Where the EFI partition is mounted in the target, going by the mount table (spec/image.md section 11.2): `/mnt/efi`,
 * `/boot/efi` (which the original did not recognise), or `/boot` when that is vfat; undefined: nowhere.
 */
export function findEfiDirectory(entries: readonly MountEntry[], targetRoot: string): string | undefined {
  const vfatHolding = (path: string) => {
    const mount = mountOf(entries, `${targetRoot}${path}`);
    return mount?.type === "vfat" ? mount : undefined;
  };
  if (vfatHolding("/mnt/efi") !== undefined) return "/mnt/efi";
  // A directory of a vfat /boot is not meant.
  if (vfatHolding("/boot/efi")?.mountPoint === `${targetRoot}/boot/efi`) return "/boot/efi";
  return vfatHolding("/boot/grub/grub.cfg") === undefined ? undefined : "/boot";
}

/** The mount that `path` lies on: the deepest one, and of several at the same place the last, which hides the others. */
function mountOf(entries: readonly MountEntry[], path: string): MountEntry | undefined {
  return entries
    .filter(({ mountPoint }) => isBelowOrSame(path, mountPoint))
    .reduce<MountEntry | undefined>(
      (best, entry) =>
        best === undefined || entry.mountPoint.length >= best.mountPoint.length ? entry : best,
      undefined,
    );
}
