import { hasCode, messageChain } from "../../core/errors.ts";
import type { Logger } from "../../core/logger.ts";
import type { Host } from "../../system/host.ts";

const PAUSE_MS = 5_000;
/** A shell that ends sooner has nobody to read from: starting it again at once would keep a processor busy for nothing. */
const SHORTEST_SESSION_MS = 1_000;

interface ConsoleShellOptions {
  readonly host: Pick<Host, "clock" | "commands">;
  readonly log: Logger;
  /** Program and arguments of `-shellCommand`. */
  readonly command: readonly string[];
  readonly signal: AbortSignal;
}

/**
 * Keeps a shell on the console for as long as the daemon runs (spec/lifecycle.md section 5); gives up for good when the
 * program does not exist. Resolves when `signal` aborts.
 */
export async function keepConsoleShell(options: ConsoleShellOptions): Promise<void> {
  const { host, log, signal } = options;
  const [program, ...args] = options.command;
  if (program === undefined || program === "") {
    log.warn("no console shell: -shellCommand is empty");
    return;
  }
  log.info("starting shell on console");
  while (!signal.aborted) {
    const startedMs = host.clock.monotonicMs();
    try {
      const exitCode = await host.commands.runInteractive({ program, args, changesNothing: true }, signal);
      if (exitCode === 0 && host.clock.monotonicMs() - startedMs >= SHORTEST_SESSION_MS) continue;
      if (exitCode !== 0) log.warn(`error running shell: exit status ${exitCode}`);
    } catch (error) {
      if (signal.aborted) return;
      log.warn(`error running shell: ${messageChain(error)}`);
      if (hasCode(error, "E_COMMAND_NOT_FOUND")) return;
    }
    await host.clock.sleep(PAUSE_MS, signal).catch(() => undefined);
  }
}
