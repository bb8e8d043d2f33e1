import { hintOf, InstallerError, messageChain } from "../core/errors.ts";
import type { Host } from "../system/host.ts";
import { createEventLogger } from "./event-logger.ts";
import type { EventStream } from "./events.ts";
import { createProgressReporter } from "./progress-reporter.ts";
import type { RunStep } from "./step.ts";
import { watchCommands } from "./watched-commands.ts";

export interface RunnerOptions {
  readonly host: Host;
  readonly events: EventStream;
  /** Highest debug level that is published; -1 for none. */
  readonly debugLevel: number;
  readonly signal: AbortSignal;
  readonly cleanup: AsyncDisposableStack;
}

/**
 * Makes the function that runs steps. It alone publishes start, progress, end and failure and measures time, so that no
 * step repeats that; a failure is wrapped with the step's title and thrown on.
 */
export function createRunner(options: RunnerOptions): RunStep {
  const { host, events, debugLevel, signal, cleanup } = options;
  return async (step, input) => {
    signal.throwIfAborted();
    const startedMs = host.clock.monotonicMs();
    events.publish({
      kind: "step-started",
      at: startedMs,
      id: step.id,
      title: step.title,
      destructive: step.destructive,
    });
    const log = createEventLogger({ events, clock: host.clock, debugLevel, stepId: step.id });
    using progress = createProgressReporter({ events, clock: host.clock, stepId: step.id, signal });
    const watchedHost = { ...host, commands: watchCommands(host.commands, progress) };
    try {
      const output = await step.run(input, { host: watchedHost, log, progress, signal, cleanup });
      const endedMs = host.clock.monotonicMs();
      progress[Symbol.dispose]();
      events.publish({ kind: "step-ended", at: endedMs, id: step.id, durationMs: endedMs - startedMs });
      return output;
    } catch (error) {
      const endedMs = host.clock.monotonicMs();
      events.publish({
        kind: "step-failed",
        at: endedMs,
        id: step.id,
        durationMs: endedMs - startedMs,
        code: error instanceof InstallerError ? error.code : "E_BUG",
        message: messageChain(error),
        hint: hintOf(error) ?? "",
      });
      throw error;
    }
  };
}
