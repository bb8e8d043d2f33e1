import { hostname } from "node:os";
import { formatSeconds } from "../../core/duration.ts";
import { hintOf, messageChain } from "../../core/errors.ts";
import { createRunner } from "../../engine/runner.ts";
import type { RunStep } from "../../engine/step.ts";
import { fixClock } from "../../steps/fix-clock.step.ts";
import { type InstallInput, install, planInstallation, type Rebooter } from "../../steps/install.ts";
import { INSTALLER_LOG_DIRECTORY } from "../../steps/install-options.ts";
import type { Host } from "../../system/host.ts";
import type { CommandContext } from "../command.ts";
import { keepConsoleShell } from "../daemon/console-shell.ts";
import { handOver } from "../daemon/hand-over.ts";
import { type Observation, startObservation } from "../daemon/observation.ts";
import { RebootGate } from "../daemon/reboot-gate.ts";
import { handleSignals } from "../daemon/signals.ts";
import { openStatusPort } from "../daemon/status-port.ts";
import { connectorFromFlags } from "../image-server-connector.ts";
import { installOptions } from "../install-options.ts";
import { readFlagCredentials } from "../read-flag-credentials.ts";

/** The whole installation (spec/lifecycle.md), from a booted initramfs to the restart into the new system. */
export async function run({ flags, signal, stderr, openHost }: CommandContext): Promise<number> {
  const host = await openHost();
  await host.files.makeDirectory(INSTALLER_LOG_DIRECTORY, { parents: true });
  await using observation = await startObservation(host, flags, stderr, process.env["TERM"]);
  const { log } = observation;
  const gate = new RebootGate();
  using _signals = handleSignals({ log, gate, restartProcess });
  log.info(
    `installer started ${formatSeconds(Math.floor(await host.clock.uptimeSeconds()))} after system bootup`,
  );

  await using cleanup = new AsyncDisposableStack();
  const { events } = observation;
  const runStep = createRunner({ host, events, debugLevel: flags.logDebugLevel, signal, cleanup });
  const clock = await runStep(fixClock, undefined);
  const ending = new AbortController();
  using _shell = { [Symbol.dispose]: () => ending.abort() };
  const shellSignal = AbortSignal.any([signal, ending.signal]);
  void keepConsoleShell({ host, log, command: flags.shellCommand, signal: shellSignal });
  const credentials = await readFlagCredentials(host, flags, log);
  await using _port = await openStatusPort({
    port: flags.portNum,
    observation,
    clock: host.clock,
    credentials,
    hostname,
  });

  const connector = connectorFromFlags(flags, credentials.client, host.clock);
  const input: InstallInput = {
    options: installOptions(flags),
    connector,
    clock,
    syncLog: () => observation.syncLog(),
  };
  if (flags.dryRun) return await showPlan(runStep, input, observation);
  const result = await runInstallation(runStep, input, observation, host);
  signal.throwIfAborted();
  return await handOver(
    { ...result, toolsRoot: flags.tmpRoot },
    { host, log, gate, signal, release: async () => cleanup.disposeAsync() },
  );
}

interface InstallationResult {
  readonly outcome: "succeeded" | "failed";
  readonly rebooter: Rebooter;
}

async function runInstallation(
  runStep: RunStep,
  input: InstallInput,
  observation: Observation,
  { clock }: Pick<Host, "clock">,
): Promise<InstallationResult> {
  const { events, log } = observation;
  try {
    const rebooter = await install(runStep, input);
    log.info("installation complete");
    events.publish({ kind: "run-ended", at: clock.monotonicMs(), outcome: "succeeded", message: "" });
    return { outcome: "succeeded", rebooter };
  } catch (error) {
    const message = `error installing: ${messageChain(error)}`;
    log.error(message);
    const hint = hintOf(error);
    if (hint !== undefined) log.error(`hint: ${hint}`);
    events.publish({ kind: "run-ended", at: clock.monotonicMs(), outcome: "failed", message });
    return { outcome: "failed", rebooter: "default" };
  } finally {
    // A log that cannot be written must not keep the machine from being handed over.
    await observation.syncLog().catch(() => undefined);
  }
}

/** `-dryRun`: decides everything, prints the plan and ends without having changed anything. */
async function showPlan(runStep: RunStep, input: InstallInput, { log }: Observation): Promise<number> {
  const { target } = await planInstallation(runStep, input);
  log.info(target === undefined ? "dry run: no drive would be touched" : "dry run: nothing was changed");
  return 0;
}

/** SIGHUP: the same program with the same arguments, in this process. */
function restartProcess(): void {
  process.execve?.(process.execPath, [process.execPath, ...process.argv.slice(2)], process.env);
}
