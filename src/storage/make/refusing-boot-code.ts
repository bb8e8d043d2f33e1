import { InstallerError } from "../../core/errors.ts";
import type { FileSystem } from "../../system/files.ts";

/**
 * Boot code that hands the machine back to the BIOS, which then tries its next boot device (INT 18h; HLT; JMP -3).
 * It stands in the MBR until the boot loader comes: a half-installed drive must not boot.
 */
const REFUSING_BOOT_CODE = Uint8Array.of(0xcd, 0x18, 0xf4, 0xeb, 0xfd);

/** The partition table of an MBR starts behind it. */
const BOOT_CODE_BYTES = 440;

/** Replaces whatever code the drive's first sector has, and nothing else. Rejects with E_DRIVE_ERASE. */
export async function writeRefusingBootCode(
  devicePath: string,
  { files }: { readonly files: Pick<FileSystem, "writeAt"> },
): Promise<void> {
  const code = new Uint8Array(BOOT_CODE_BYTES);
  code.set(REFUSING_BOOT_CODE);
  try {
    await files.writeAt(devicePath, 0, code);
  } catch (error) {
    throw new InstallerError("E_DRIVE_ERASE", `writing boot code to ${devicePath}`, { cause: error });
  }
}
