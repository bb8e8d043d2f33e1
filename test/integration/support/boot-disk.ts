import { spawn } from "node:child_process";
import { once } from "node:events";
import { stripVTControlCharacters } from "node:util";

/** The last word of a PC that was told to boot from its disk: GRUB starts a kernel, or the BIOS gives up. */
const VERDICT = /Loading Linux|No bootable device/;

/** Emulation is slow on a busy machine; by itself this takes three seconds. */
const TIMEOUT_MS = 60_000;

/**
 * Starts a PC with BIOS firmware and nothing but this disk, and resolves with what its serial console has shown up to the
 * verdict. The disk's file stays as it is. Rejects when there is no verdict.
 */
export async function bootDisk(file: string): Promise<string> {
  const machine = spawn("qemu-system-x86_64", renderArguments(file), {
    stdio: ["ignore", "pipe", "inherit"],
  });
  const ended = once(machine, "exit");
  let shown = "";
  const verdict = Promise.withResolvers<string>();
  const timer = setTimeout(
    () => verdict.reject(new Error(`after ${TIMEOUT_MS / 1000} s the machine has shown: ${shown}`)),
    TIMEOUT_MS,
  );
  machine.stdout.setEncoding("utf8").on("data", (text: string) => {
    shown = stripVTControlCharacters(shown + text);
    if (VERDICT.test(shown)) verdict.resolve(shown);
  });
  machine.once("exit", (code) => verdict.reject(new Error(`qemu ended with ${code}: ${shown}`)));
  try {
    return await verdict.promise;
  } finally {
    clearTimeout(timer);
    machine.kill("SIGKILL");
    await ended;
  }
}

function renderArguments(file: string): readonly string[] {
  return [
    ["-nodefaults", "-no-user-config", "-display", "none"],
    // Without graphics the firmware speaks on the serial console.
    ["-machine", "pc,graphics=off", "-accel", "tcg", "-m", "256"],
    ["-chardev", "stdio,id=console,signal=off", "-serial", "chardev:console"],
    ["-drive", `if=none,id=disk,file=${file},format=raw,snapshot=on`, "-device", "virtio-blk-pci,drive=disk"],
    ["-boot", "order=c"],
  ].flat();
}
