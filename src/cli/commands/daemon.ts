import { hostname } from "node:os";
import { formatSeconds } from "../../core/duration.ts";
import { hintOf, InstallerError, messageChain } from "../../core/errors.ts";
import { createRunner } from "../../engine/runner.ts";
import type { RunStep } from "../../engine/step.ts";
import { fixClock } from "../../steps/fix-clock.step.ts";
import { type InstallInput, install, planInstallation, type Rebooter } from "../../steps/install.ts";
import { INSTALLER_LOG_DIRECTORY } from "../../steps/install-options.ts";
import type { Host } from "../../system/host.ts";
import type { CommandContext } from "../command.ts";
import { keepConsoleShell } from "../daemon/console-shell.ts";
import { describePlan } from "../daemon/describe-plan.ts";
import { FAREWELL_MS, handOver } from "../daemon/hand-over.ts";
import { type Observation, startObservation } from "../daemon/observation.ts";
import { parsePushTargets } from "../daemon/push.ts";
import { RebootGate } from "../daemon/reboot-gate.ts";
import { openRemoteAccess } from "../daemon/remote-access.ts";
import { replaceProcess } from "../daemon/replace-process.ts";
import { RunController } from "../daemon/run-controller.ts";
import { handleSignals } from "../daemon/signals.ts";
import { connectorFromFlags } from "../image-server-connector.ts";
import { installOptions } from "../install-options.ts";

/** How long a run that is to be started anew may take to clean up after itself. */
const RERUN_LIMIT_MS = 60_000;

/** The whole installation (spec/lifecycle.md), from a booted initramfs to the restart into the new system. */
export async function run(context: CommandContext): Promise<number> {
  const rerun = new AbortController();
  const signal = AbortSignal.any([context.signal, rerun.signal]);
  try {
    return await runDaemon({ ...context, signal }, (why) => {
      setTimeout(() => rerun.abort(new InstallerError("E_CANCELLED", why)), FAREWELL_MS);
      setTimeout(replaceProcess, RERUN_LIMIT_MS).unref();
    });
  } catch (error) {
    if (!rerun.signal.aborted || context.signal.aborted) throw error;
  }
  // Everything that the run had mounted or opened is released by now.
  replaceProcess();
  throw new InstallerError("E_BUG", "starting the installer anew: the system refused");
}

async function runDaemon(
  { flags, signal, stderr, openHost }: CommandContext,
  restartProcess: (why: string) => void,
): Promise<number> {
  const pushTargets = parsePushTargets(flags);
  const host = await openHost();
  await host.files.makeDirectory(INSTALLER_LOG_DIRECTORY, { parents: true });
  await using observation = await startObservation(host, flags, stderr, process.env["TERM"]);
  const { log, events } = observation;
  const gate = new RebootGate();
  const control = new RunController({ events, clock: host.clock, log, gate, restartProcess });
  using _signals = handleSignals(control);
  log.info(
    `installer started ${formatSeconds(Math.floor(await host.clock.uptimeSeconds()))} after system bootup`,
  );

  await using cleanup = new AsyncDisposableStack();
  const runSignal = AbortSignal.any([signal, control.cancelled]);
  const runStep = createRunner({ host, events, debugLevel: flags.logDebugLevel, signal: runSignal, cleanup });
  const clock = await runStep(fixClock, undefined);
  const ending = new AbortController();
  using _shell = { [Symbol.dispose]: () => ending.abort() };
  const shellSignal = AbortSignal.any([signal, ending.signal]);
  void keepConsoleShell({ host, log, command: flags.shellCommand, signal: shellSignal });
  await using access = await openRemoteAccess({
    flags,
    host,
    observation,
    control,
    pushTargets,
    hostname,
    signal,
  });

  const input: InstallInput = {
    options: installOptions(flags),
    connector: connectorFromFlags(flags, access.clientCredentials, host.clock),
    clock,
    announcePlan: (plan) =>
      events.publish({ kind: "drives-planned", at: host.clock.monotonicMs(), plan: describePlan(plan) }),
    syncLog: () => observation.syncLog(),
  };
  if (flags.dryRun) return await showPlan(runStep, input, observation);
  const result = await runInstallation(runStep, input, observation, host);
  control.markOver();
  signal.throwIfAborted();
  const restart = handOver(
    { ...result, toolsRoot: flags.tmpRoot },
    {
      host,
      log,
      gate,
      shells: access.shells,
      signal,
      announce: (state) => events.publish({ kind: "hand-over", at: host.clock.monotonicMs(), state }),
      release: async () => {
        await access.drain();
        await cleanup.disposeAsync();
      },
    },
  );
  return await Promise.race([restart, rejectedBy(signal)]);
}

/** A hold has no end of its own. */
async function rejectedBy(signal: AbortSignal): Promise<never> {
  const { promise, reject } = Promise.withResolvers<never>();
  signal.addEventListener("abort", () => reject(signal.reason), { once: true });
  return promise;
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
