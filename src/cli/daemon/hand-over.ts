import { formatMilliseconds } from "../../core/duration.ts";
import { messageChain } from "../../core/errors.ts";
import type { Logger } from "../../core/logger.ts";
import type { HandOverState } from "../../engine/facts.ts";
import type { Rebooter } from "../../steps/install.ts";
import type { Host } from "../../system/host.ts";
import type { RebootGate } from "./reboot-gate.ts";

/** What the installation left to be done last (spec/lifecycle.md section 10). */
export interface HandOver {
  readonly outcome: "succeeded" | "failed";
  readonly rebooter: Rebooter;
  /** Where `kexec` is found; only used by the kexec rebooter. */
  readonly toolsRoot: string;
}

/** Remote shells that a restart would cut off. */
export interface OpenShells {
  readonly count: number;
  /** Resolves when all that are open now have ended, or when the limit is reached. */
  waitUntilClosed(limitMs: number, signal: AbortSignal): Promise<void>;
}

interface HandOverPorts {
  readonly host: Pick<Host, "clock" | "commands" | "files" | "power">;
  readonly log: Logger;
  readonly gate: RebootGate;
  readonly shells: OpenShells;
  readonly signal: AbortSignal;
  /** Tells the views what happens now. */
  readonly announce: (state: HandOverState) => void;
  /** Undoes what the installation left mounted, closes what is still open; until now a person could look at it. */
  readonly release: () => Promise<void>;
}

/** Time to read the console, or after a failure to look at the machine. */
const INITIAL_WAIT_MS = { succeeded: 5_000, failed: 5 * 60_000 } as const;
/** How long people may keep their shells open after that. */
const SHELLS_LIMIT_MS = { succeeded: 5 * 60_000, failed: 60 * 60_000 } as const;
const AFTER_KEXEC_FAILURE_MS = 5 * 60_000;
/** So that whoever let the machine go gets an answer before it does. */
export const FAREWELL_MS = 1_000;

/**
 * Waits, then restarts the machine; never returns on a real machine. A failed installation always restarts by firmware,
 * since whatever kexec had loaded belongs to a half-made target.
 */
export async function handOver(request: HandOver, ports: HandOverPorts): Promise<never> {
  const { host, log, gate, announce } = ports;
  const rebooter = request.outcome === "failed" ? "default" : request.rebooter;
  await waitForPeople(request.outcome, rebooter, ports);
  await waitForShells(request.outcome, rebooter, ports);
  if (gate.isBlocked) {
    log.info("reboot blocked, waiting for SIGCONT");
    announce({ phase: "held", rebooter });
  }
  await gate.passed();
  announce({ phase: "restarting", rebooter });
  await host.clock.sleep(FAREWELL_MS, ports.signal);
  await release(ports);
  await host.files.syncAll();
  if (rebooter === "kexec") await tryKexec(request.toolsRoot, ports);
  return host.power.restart();
}

async function waitForPeople(
  outcome: HandOver["outcome"],
  rebooter: Rebooter,
  ports: HandOverPorts,
): Promise<void> {
  const waitMs = INITIAL_WAIT_MS[outcome];
  ports.log.info(`waiting ${formatMilliseconds(waitMs)} before rebooting with ${rebooter} rebooter`);
  announceWait("waiting", waitMs, rebooter, ports);
  await unlessHurried((signal) => ports.host.clock.sleep(waitMs, signal), ports);
}

async function waitForShells(
  outcome: HandOver["outcome"],
  rebooter: Rebooter,
  ports: HandOverPorts,
): Promise<void> {
  if (ports.shells.count === 0 || ports.gate.hurried.aborted) return;
  const limitMs = SHELLS_LIMIT_MS[outcome];
  ports.log.info(`waiting ${formatMilliseconds(limitMs)} for remote shells to terminate before rebooting`);
  announceWait("waiting-for-shells", limitMs, rebooter, ports);
  await unlessHurried((signal) => ports.shells.waitUntilClosed(limitMs, signal), ports);
}

function announceWait(
  phase: "waiting" | "waiting-for-shells",
  waitMs: number,
  rebooter: Rebooter,
  { host, announce }: HandOverPorts,
): void {
  announce({ phase, rebooter, until: host.clock.monotonicMs() + waitMs });
}

/** Waits until `wait` resolves or somebody has no more patience; only the end of the program rejects. */
async function unlessHurried(
  wait: (signal: AbortSignal) => Promise<void>,
  { gate, signal }: HandOverPorts,
): Promise<void> {
  try {
    await wait(AbortSignal.any([signal, gate.hurried]));
  } catch (error) {
    signal.throwIfAborted();
    if (!gate.hurried.aborted) throw error;
  }
}

async function release({ release: undo, log }: HandOverPorts): Promise<void> {
  try {
    await undo();
  } catch (error) {
    // The machine restarts all the same: what is still mounted is synced.
    log.warn(`cleaning up before the restart: ${messageChain(error)}`);
  }
}

/** Returns only when kexec failed, after a pause that lets a person see why. */
async function tryKexec(toolsRoot: string, ports: HandOverPorts): Promise<void> {
  try {
    await ports.host.commands.run({ program: "kexec", args: ["-e"], chroot: toolsRoot }, ports.signal);
  } catch (error) {
    ports.log.error(`error running kexec: ${messageChain(error)}`);
  }
  ports.log.warn("kexec did not take over, rebooting with default rebooter in 5m");
  await unlessHurried((signal) => ports.host.clock.sleep(AFTER_KEXEC_FAILURE_MS, signal), ports);
}
