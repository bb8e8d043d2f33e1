import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";

import { buildNetboot } from "./installation.ts";
import { Lab } from "./lab.ts";
import { addFile } from "./overlay.ts";

const BOOT_TIMEOUT_MS = 180_000;

/**
 * Netboots an empty machine with the initramfs and runs `script` (busybox sh) there in place of the installer.
 * Resolves with what it printed; rejects when it does not end with exit code 0 in time.
 */
export async function runInInitramfs(script: string, timeoutMs: number): Promise<string> {
  const scratch = mkdtempSync(path.join(tmpdir(), "installer-initramfs-test-"));
  try {
    await using lab = await Lab.create({
      netbootDirectory: buildNetboot(scratch, { overlay: makeOverlay(scratch, script) }),
      kernelArguments: "quiet",
    });
    const machine = await lab.startMachine();
    await machine.console.waitFor(/^=== begin$/m, BOOT_TIMEOUT_MS);
    const [, output, status] = await machine.console.waitFor(/^([^]*)^=== end (\d+)$/m, timeoutMs);
    if (status !== "0") throw new Error(`the script ended with exit code ${status}:\n${output}`);
    return output?.trimStart() ?? "";
  } finally {
    rmSync(scratch, { recursive: true, force: true });
  }
}

function makeOverlay(scratch: string, script: string): string {
  const overlay = path.join(scratch, "overlay");
  addFile(overlay, "script", script);
  addFile(overlay, "sbin/run-installer", RUN_SCRIPT, 0o755);
  return overlay;
}

/** The marks are printed with the console's kernel messages off, so that nothing comes between them. */
const RUN_SCRIPT = `#!/bin/busybox sh
export PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin
dmesg -n 1
echo
echo "=== begin"
sh -e /script 2>&1
echo "=== end $?"
poweroff -f
`;
