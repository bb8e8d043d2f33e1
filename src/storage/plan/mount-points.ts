import { InstallerError } from "../../core/errors.ts";

/** Where the kernel's own file-systems are mounted while installing and running. */
const RESERVED = ["/proc", "/sys", "/dev", "/run", "/.inodes"];

const MOUNT_POINT_LIMIT_BYTES = 1024;

/** Where an EFI system partition can be mounted: as the original does, and as most distributions do. */
export const EFI_MOUNT_POINTS: readonly string[] = ["/mnt/efi", "/boot/efi"];

/** What fstab(5) has in place of the mount point of a swap area, and what the layout may have there. */
export const SWAP_MOUNT_POINT = "none";
const SWAP_MOUNT_POINTS = ["", SWAP_MOUNT_POINT, "swap"];

/**
 * A mount point of the layout in its plain form: doubled and trailing slashes dropped. Throws E_LAYOUT_MOUNT_POINT
 * unless it is an absolute path that cannot leave the target, hide kernel file-systems, or break a line of fstab.
 */
export function parseMountPoint(text: string): string {
  if (!text.startsWith("/")) throw malformed(text, "is not an absolute path");
  if (/\p{Cc}/u.test(text)) throw malformed(text, "has control characters");
  if (Buffer.byteLength(text) > MOUNT_POINT_LIMIT_BYTES) throw malformed(text, "is too long");
  const segments = text.split("/").filter((segment) => segment !== "");
  if (segments.some((segment) => segment === "." || segment === ".."))
    throw malformed(text, "has `.` or `..` in it");
  const mountPoint = `/${segments.join("/")}`;
  const reserved = RESERVED.find((path) => isBelowOrSame(mountPoint, path));
  if (reserved !== undefined) throw malformed(text, `is reserved (${reserved})`);
  return mountPoint;
}

/** The mount point of swap, which has none. Throws E_LAYOUT_MOUNT_POINT for anything but "", "none" and "swap". */
export function parseSwapMountPoint(text: string): typeof SWAP_MOUNT_POINT {
  if (SWAP_MOUNT_POINTS.includes(text)) return SWAP_MOUNT_POINT;
  throw malformed(text, 'is that of swap, which takes "none"');
}

/** True for `directory` itself and everything below it; `/mnt2` is not below `/mnt`. */
export function isBelowOrSame(path: string, directory: string): boolean {
  return directory === "/" || path === directory || path.startsWith(`${directory}/`);
}

/** How deep a mount point lies: 0 for `/`, 2 for `/var/log`. */
export function mountDepth(mountPoint: string): number {
  return mountPoint.split("/").filter((segment) => segment !== "").length;
}

/** `mountPoint` below the directory where the target is being built. */
export function targetPath(targetRoot: string, mountPoint: string): string {
  return mountPoint === "/" ? targetRoot : `${targetRoot}${mountPoint}`;
}

function malformed(text: string, why: string): InstallerError {
  return new InstallerError(
    "E_LAYOUT_MOUNT_POINT",
    `storage layout: mount point ${JSON.stringify(text)} ${why}`,
  );
}
