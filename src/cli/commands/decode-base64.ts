import { addAbortSignal } from "node:stream";

import { decodeBase64 } from "../../core/base64-stream.ts";
import type { CommandContext } from "../command.ts";
import { writeOutput } from "../write-output.ts";

/** Standard input to standard output; what was decoded before a fault has been written when it is reported. */
export async function run(context: CommandContext): Promise<number> {
  const input = addAbortSignal(context.signal, context.stdin);
  for await (const piece of decodeBase64(input)) {
    await writeOutput(context.stdout, piece);
  }
  return 0;
}
