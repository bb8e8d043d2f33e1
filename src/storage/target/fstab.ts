import { KEY_FILE } from "../make/luks.ts";
import type { FileSystemType } from "../plan/layout.ts";
import {
  bootDriveVolumes,
  deviceName,
  mountSource,
  type StoragePlan,
  type Volume,
  volumesOf,
} from "../plan/plan.ts";

/** One line of fstab; `options` "" means `defaults`. */
export interface FstabEntry {
  readonly source: string;
  readonly mountPoint: string;
  readonly type: string;
  readonly options: string;
  readonly dumpFrequency: number;
  readonly fsckPass: number;
}

/** A line of fstab with its newline: fields padded to columns, never cut (spec/image.md section 12). */
export function renderFstabLine(entry: FstabEntry): string {
  const source = escapeField(entry.source).padEnd(22);
  const mountPoint = escapeField(entry.mountPoint).padEnd(10);
  const options = (entry.options === "" ? "defaults" : entry.options).padEnd(10);
  return `${source} ${mountPoint} ${entry.type.padEnd(5)} ${options} ${entry.dumpFrequency} ${entry.fsckPass}\n`;
}

/**
 * The target's fstab (spec/storage.md section 8.7): the root, the other partitions, the data drives. File-systems on
 * `discardedDrives` (kernel names) are mounted with `discard`.
 */
export function renderFstab(plan: StoragePlan, discardedDrives: ReadonlySet<string>): string {
  const onBootDrive = bootDriveVolumes(plan);
  const ordered = [
    ...onBootDrive.filter((volume) => volume.purpose === "root"),
    ...onBootDrive.filter((volume) => volume.purpose !== "root"),
    ...plan.dataDrives.map((data) => data.volume),
  ];
  return ordered.map((volume) => renderFstabLine(planFstabEntry(volume, discardedDrives))).join("");
}

/** The target's crypttab (spec/storage.md section 8.7); "" when nothing is encrypted. */
export function renderCrypttab(plan: StoragePlan, discardedDrives: ReadonlySet<string>): string {
  const encrypted = volumesOf(plan).filter((volume) => volume.encrypted);
  return encrypted
    .map((volume) => {
      const name = deviceName(volume).padEnd(15);
      const options = discardedDrives.has(volume.driveName) ? "discard" : "";
      const source = volume.luksUuid === undefined ? volume.devicePath : `UUID=${volume.luksUuid}`;
      return `${name} ${source.padEnd(23)} ${KEY_FILE.padEnd(15)} ${options}\n`;
    })
    .join("");
}

function planFstabEntry(volume: Volume, discardedDrives: ReadonlySet<string>): FstabEntry {
  const { mountPoint, type, fsckPass } = volume.fileSystem;
  return {
    source: mountSource(volume.fileSystem),
    mountPoint,
    type,
    options: planMountOptions(type, discardedDrives.has(volume.driveName)),
    dumpFrequency: 0,
    fsckPass,
  };
}

function planMountOptions(type: FileSystemType, discarded: boolean): string {
  // Discards of swap are its own affair: without an option the area is discarded once, when it is switched on.
  if (type === "swap") return "sw";
  if (type === "vfat") return "noauto";
  return discarded ? "discard" : "";
}

/** Blanks, tabs, newlines and backslashes as fstab(5) wants them: octal. */
function escapeField(text: string): string {
  return text.replaceAll(
    /[ \t\n\\]/g,
    (character) => `\\${character.charCodeAt(0).toString(8).padStart(3, "0")}`,
  );
}
