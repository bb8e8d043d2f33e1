import { copyFileSync, existsSync } from "node:fs";
import path from "node:path";

export type FirmwareKind = "bios" | "efi";

/** Debian's package `ovmf`. */
const OVMF_DIRECTORY = "/usr/share/OVMF";

/**
 * QEMU's arguments for the firmware. EFI keeps its variables in a file of `directory`: later starts of the machine find
 * what earlier ones wrote.
 */
export function firmwareArguments(kind: FirmwareKind, directory: string): readonly string[] {
  if (kind === "bios") return [];
  const variables = path.join(directory, "efi-variables.fd");
  if (!existsSync(variables)) copyFileSync(path.join(OVMF_DIRECTORY, "OVMF_VARS_4M.fd"), variables);
  return [
    [
      "-drive",
      `if=pflash,format=raw,unit=0,readonly=on,file=${path.join(OVMF_DIRECTORY, "OVMF_CODE_4M.fd")}`,
    ],
    ["-drive", `if=pflash,format=raw,unit=1,file=${variables}`],
  ].flat();
}
