import type { Logger } from "../../core/logger.ts";
import type { RebootGate } from "./reboot-gate.ts";

interface SignalOptions {
  readonly log: Logger;
  readonly gate: RebootGate;
  /** Starts this program anew with the same arguments; called on SIGHUP. */
  readonly restartProcess: () => void;
}

/** Installs the daemon's signal handlers (spec/lifecycle.md section 4); disposing removes them. */
export function handleSignals(options: SignalOptions): Disposable {
  const { log, gate } = options;
  const handlers = {
    SIGTSTP: () => {
      log.info("caught SIGTSTP: reboot blocked until SIGCONT");
      gate.block();
    },
    SIGCONT: () => {
      log.info("caught SIGCONT: reboot unblocked");
      gate.unblock();
    },
    SIGHUP: () => {
      log.info("caught SIGHUP: re-executing with the same arguments");
      options.restartProcess();
    },
  } as const;
  const names = Object.keys(handlers) as (keyof typeof handlers)[];
  for (const name of names) process.on(name, handlers[name]);
  return {
    [Symbol.dispose]: () => {
      for (const name of names) process.off(name, handlers[name]);
    },
  };
}
