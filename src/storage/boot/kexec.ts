import type { Command } from "../../system/commands.ts";
import { DEFAULT_SERIAL_PORT, type SerialPort } from "./consoles.ts";

/** I/O addresses of ttyS0 to ttyS3 on a PC. */
const PORT_ADDRESSES = ["0x3f8", "0x2f8", "0x3e8", "0x2e8"];

/**
 * Loads the installed kernel, to be started by `kexec -e` later (spec/storage.md section 8.5). Runs in the target root.
 * `serial`: where the code between the two kernels reports.
 */
export function renderKexecLoad(
  targetRoot: string,
  boot: { readonly kernel: string; readonly initrd: string; readonly options: string },
  serial: SerialPort = DEFAULT_SERIAL_PORT,
): Command {
  const address = serial.unit === 0 ? undefined : PORT_ADDRESSES[serial.unit];
  return {
    program: "kexec",
    args: [
      "-l",
      boot.kernel,
      `--append=${boot.options}`,
      "--console-serial",
      ...(address === undefined ? [] : [`--serial=${address}`]),
      `--serial-baud=${serial.speed}`,
      `--initrd=${boot.initrd}`,
    ],
    chroot: targetRoot,
  };
}
