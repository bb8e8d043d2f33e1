import type { Writable } from "node:stream";

import { InstallerError } from "../core/errors.ts";

/** Writes to standard output and waits until the bytes have been handed on. Throws E_OUTPUT. */
export async function writeOutput(stdout: Writable, content: string | Uint8Array): Promise<void> {
  await new Promise<void>((resolve, reject) => {
    stdout.write(content, (cause) => {
      if (cause) reject(new InstallerError("E_OUTPUT", "writing standard output", { cause }));
      else resolve();
    });
  });
}
