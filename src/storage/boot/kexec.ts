import type { Command } from "../../system/commands.ts";

/** Loads the installed kernel, to be started by `kexec -e` later (spec/storage.md section 8.5). Runs in the target root. */
export function renderKexecLoad(
  targetRoot: string,
  boot: { readonly kernel: string; readonly initrd: string; readonly options: string },
): Command {
  return {
    program: "kexec",
    args: [
      "-l",
      boot.kernel,
      `--append=${boot.options}`,
      "--console-serial",
      "--serial-baud=115200",
      `--initrd=${boot.initrd}`,
    ],
    chroot: targetRoot,
  };
}
