import { parseMountTable } from "../../src/system/mount-table.ts";
import type { MountEntry } from "../../src/system/mounts.ts";
import type { BootVector } from "./boot-vector.ts";
import type { Facts } from "./storage-commands.ts";

/** Where an EFI partition is really visible: the last mount at the place, by whole path components. */
export function efiDirectory({ mountTable, root }: BootVector): string | undefined {
  const entries = parseMountTable(mountTable);
  return ["/mnt/efi", "/boot/efi", "/boot"].find(
    (place) => visibleAt(entries, `${root}${place}`)?.type === "vfat",
  );
}

function visibleAt(entries: readonly MountEntry[], path: string): MountEntry | undefined {
  return entries.findLast(({ mountPoint }) => mountPoint === path);
}

/** GRUB's installer told to use the EFI partition at `place`, or none. */
export function convertCommand(command: Facts, place: string | undefined, vector: BootVector): Facts {
  return place === undefined ? forBiosMachine(command) : forEfiMachine(command, place, vector);
}

function forEfiMachine(command: Facts, place: string, { architecture }: BootVector): Facts {
  return {
    ...command,
    "--efi-directory": place,
    "--removable": "yes",
    "--target": architecture === "arm64" ? "arm64-efi" : "x86_64-efi",
    ...(command["program"]?.endsWith("grub2-install") === true ? { "--force": "yes" } : {}),
  };
}

function forBiosMachine(command: Facts): Facts {
  const efiOptions = ["--efi-directory", "--removable", "--force"];
  const kept = Object.entries(command).filter(([key]) => !efiOptions.includes(key));
  return { ...Object.fromEntries(kept), "--target": "i386-pc" };
}

/** What differs between the configurations for BIOS and for EFI (spec/image.md section 11.4). */
const STATEMENTS: readonly (readonly [bios: string, efi: string])[] = [
  ["terminal_output serial\n", "terminal_input  serial console\nterminal_output serial console\n"],
  ["set timeout=0", "set timeout=2"],
  ["        insmod gzio", "        insmod efi_gop\n        insmod gzio"],
  ["insmod part_msdos", "insmod part_gpt"],
  ["insmod ext2", "insmod fat"],
];

/** The statements for the other kind of firmware; those of the right kind stay. */
export function convertConfiguration(text: string, isEfi: boolean): string {
  if (text.includes("terminal_input") === isEfi) return text;
  return STATEMENTS.reduce(
    (changed, [bios, efi]) => (isEfi ? changed.replace(bios, efi) : changed.replace(efi, bios)),
    text,
  );
}
