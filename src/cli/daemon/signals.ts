import type { RunControl } from "../../rpc/run-control.ts";

/** Installs the daemon's signal handlers (spec/lifecycle.md section 4); disposing removes them. */
export function handleSignals(
  control: Pick<RunControl, "holdReboot" | "releaseReboot" | "rerun">,
): Disposable {
  const handlers = {
    SIGTSTP: () => control.holdReboot("caught SIGTSTP"),
    SIGCONT: () => control.releaseReboot("caught SIGCONT"),
    SIGHUP: () => control.rerun("caught SIGHUP"),
  } as const;
  const names = Object.keys(handlers) as (keyof typeof handlers)[];
  for (const name of names) process.on(name, handlers[name]);
  return {
    [Symbol.dispose]: () => {
      for (const name of names) process.off(name, handlers[name]);
    },
  };
}
