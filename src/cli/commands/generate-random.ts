import { createCipheriv, randomBytes } from "node:crypto";
import { setImmediate as nextTurn } from "node:timers/promises";

import type { CommandContext } from "../command.ts";
import { writeOutput } from "../write-output.ts";

const BLOCK_BYTES = 1024 * 1024;

/**
 * Bytes without end, for overwriting drives and for tests. They are the key stream of AES in counter mode, which the
 * processor makes faster than any drive takes it; nobody should use them as keys.
 */
export async function run(context: CommandContext): Promise<number> {
  const keyStream = createCipheriv("aes-128-ctr", randomBytes(16), randomBytes(16));
  const zeroes = Buffer.alloc(BLOCK_BYTES);
  for (;;) {
    await writeOutput(context.stdout, keyStream.update(zeroes));
    // Writing to a file or pipe may finish without the event loop ever turning; signals would go unheard.
    await nextTurn();
    context.signal.throwIfAborted();
  }
}
