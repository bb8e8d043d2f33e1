import { copyFileSync, mkdirSync, readFileSync, writeFileSync } from "node:fs";
import path from "node:path";

import { sharedLibraries } from "../../scripts/lib/initramfs.ts";

const RUN_INSTALLER = path.resolve(import.meta.dirname, "../../initramfs/run-installer");

/** Writes a file into an overlay of the initramfs (`scripts/build-initramfs --overlay`); `name` has no leading slash. */
export function addFile(overlay: string, name: string, content: string | Uint8Array, mode = 0o644): void {
  const file = path.join(overlay, name);
  mkdirSync(path.dirname(file), { recursive: true, mode: 0o755 });
  writeFileSync(file, content, { mode });
}

/**
 * Runs `script` (busybox sh, which stops at the first error) in the booted initramfs before the installer starts; the installer does not
 * start when it fails.
 */
export function addHook(overlay: string, script: string): void {
  addFile(overlay, "sbin/run-installer-itself", readFileSync(RUN_INSTALLER), 0o755);
  addFile(overlay, "hook", script);
  addFile(overlay, "sbin/run-installer", RUN_HOOK, 0o755);
}

/** Copies a program of this machine with its shared libraries; it has the same path there. */
export function addProgram(overlay: string, program: string): void {
  for (const file of [program, ...sharedLibraries(program)]) {
    const target = path.join(overlay, file);
    mkdirSync(path.dirname(target), { recursive: true, mode: 0o755 });
    copyFileSync(file, target);
  }
}

const RUN_HOOK = `#!/bin/busybox sh
export PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin
sh -e /hook || { echo "The installer ended with exit code $?: the hook failed"; exec /bin/busybox sh -i; }
exec /sbin/run-installer-itself
`;
