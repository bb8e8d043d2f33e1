import { InstallerError } from "../core/errors.ts";
import type { Logger } from "../core/logger.ts";
import type { Host } from "../system/host.ts";
import { createLazyNativeCalls } from "../system/node/native/lazy-native-calls.ts";
import { NodeFileSystem } from "../system/node/node-file-system.ts";
import { COMMANDS, DAEMON } from "./command-table.ts";
import { runProgram } from "./program.ts";

/** Runs the program on the real process, whose exit code is set when it is done. */
export async function startProcess(): Promise<void> {
  process.exitCode = await runProgram(
    {
      argv: process.argv.slice(2),
      identity: { effectiveUserId: process.geteuid?.() ?? 0, processId: process.pid },
      nodeVersion: process.version,
      stdin: process.stdin,
      stdout: process.stdout,
      stderr: process.stderr,
      signal: interruptionSignal(),
      files: new NodeFileSystem(createLazyNativeCalls()),
      openHost,
    },
    { daemon: DAEMON, commands: COMMANDS },
  );
}

/** Aborts at the first SIGINT or SIGTERM; a second one ends the process at once. */
function interruptionSignal(): AbortSignal {
  const interruption = new AbortController();
  for (const name of ["SIGINT", "SIGTERM"] as const) {
    process.once(name, () => interruption.abort(new InstallerError("E_CANCELLED", `interrupted by ${name}`)));
  }
  // Whoever writes learns of a failure from the write; without listeners Node would end the process with a stack.
  process.stdout.on("error", () => undefined);
  process.stderr.on("error", () => undefined);
  return interruption.signal;
}

/** The one place that chooses between the real machine and its stand-in. Imported late: most commands need neither. */
async function openHost(isDryRun: boolean, log: Logger): Promise<Host & AsyncDisposable> {
  const { createNodeHost } = await import("../system/node/node-host.ts");
  const real = createNodeHost();
  if (!isDryRun) return real;
  const { createDryRunHost } = await import("../system/dry-run/dry-run-host.ts");
  const dryRun = createDryRunHost(real, log);
  return { ...dryRun, [Symbol.asyncDispose]: async () => real[Symbol.asyncDispose]() };
}
