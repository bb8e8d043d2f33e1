import { InstallerError, messageChain } from "../../../src/core/errors.ts";
import type { Logger } from "../../../src/core/logger.ts";

/** Runs `operation` with the JSON of the first argument and prints its outcome as a `ClientResult`. */
export async function runClientScript<Request>(
  operation: (request: Request, log: Logger) => Promise<Readonly<Record<string, unknown>>>,
): Promise<void> {
  const lines: string[] = [];
  const keep = (message: string): void => void lines.push(message);
  const log: Logger = { error: keep, warn: keep, info: keep, debug: (_level, message) => keep(message) };
  const startMs = performance.now();
  const outcome = await operation(JSON.parse(process.argv[2] ?? "{}") as Request, log).then(
    (value) => ({ value }),
    (error: unknown) => ({
      code: error instanceof InstallerError ? error.code : String(error),
      message: messageChain(error),
    }),
  );
  const durationMs = performance.now() - startMs;
  const peakBytes = process.resourceUsage().maxRSS * 1024;
  console.log(JSON.stringify({ ...outcome, log: lines, durationMs, peakBytes }));
}
