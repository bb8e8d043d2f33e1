import type { MachineFileSystem } from "./storage-devices.ts";

/** The new system just before it is unmounted. */
export interface InstalledFiles {
  readonly texts: Readonly<Record<string, string>>;
  readonly key: { readonly path: string; readonly size: number; readonly mode: string } | undefined;
  /** What becomes of the key in the tools root; known only when the installation has ended. */
  readonly temporaryKey: "zeroed" | "removed" | "left";
  /** In /var/log/installer. */
  readonly logFiles: readonly string[];
  /** Mount points of fstab that are not there. */
  readonly lackingMountPoints: readonly string[];
}

const TARGET = "/mnt";
const KEY_FILE = "etc/crypt.key";
const TEXTS = [
  "etc/fstab",
  "etc/crypttab",
  "boot/grub/grub.cfg",
  "boot/grub2/grub.cfg",
  "var/lib/initial-image",
];

export async function readInstalledFiles(files: MachineFileSystem): Promise<InstalledFiles> {
  const texts: Record<string, string> = {};
  for (const path of TEXTS)
    if (await files.exists(`${TARGET}/${path}`)) texts[path] = await files.readText(`${TARGET}/${path}`);
  const lacking: string[] = [];
  for (const line of (texts["etc/fstab"] ?? "").split("\n").filter((each) => each !== "")) {
    const mountPoint = line.split(/ +/)[1] ?? "";
    const place = `${TARGET}${mountPoint}`;
    if (mountPoint.startsWith("/") && !(await files.exists(place))) lacking.push(mountPoint);
  }
  const key = await files.stat(`${TARGET}/${KEY_FILE}`).catch(() => undefined);
  return {
    texts,
    key: key && { path: KEY_FILE, size: key.sizeBytes, mode: key.permissions.toString(8).padStart(4, "0") },
    temporaryKey: "left",
    logFiles: await files.readDirectoryText(`${TARGET}/var/log/installer`).catch(() => []),
    lackingMountPoints: lacking,
  };
}

/** What has become of the key in the tools root. */
export async function readTemporaryKey(files: MachineFileSystem): Promise<InstalledFiles["temporaryKey"]> {
  const key = await files.readFile(`/tmproot/${KEY_FILE}`).catch(() => undefined);
  if (key === undefined) return "removed";
  return key.every((byte) => byte === 0) ? "zeroed" : "left";
}
