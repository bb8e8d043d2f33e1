import { formatMilliseconds } from "../../core/duration.ts";
import { messageChain } from "../../core/errors.ts";
import type { Logger } from "../../core/logger.ts";
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

interface HandOverPorts {
  readonly host: Pick<Host, "clock" | "commands" | "files" | "power">;
  readonly log: Logger;
  readonly gate: RebootGate;
  readonly signal: AbortSignal;
  /** Undoes what the installation left mounted; until now a person could look at it. */
  readonly release: () => Promise<void>;
}

/** Time to read the console, or after a failure to look at the machine. */
const INITIAL_WAIT_MS = { succeeded: 5_000, failed: 5 * 60_000 } as const;
const AFTER_KEXEC_FAILURE_MS = 5 * 60_000;

/**
 * Waits, then restarts the machine; never returns on a real machine. A failed installation always restarts by firmware,
 * since whatever kexec had loaded belongs to a half-made target.
 */
export async function handOver(request: HandOver, ports: HandOverPorts): Promise<never> {
  const { host, log, gate, signal } = ports;
  const rebooter = request.outcome === "failed" ? "default" : request.rebooter;
  const waitMs = INITIAL_WAIT_MS[request.outcome];
  log.info(`waiting ${formatMilliseconds(waitMs)} before rebooting with ${rebooter} rebooter`);
  await host.clock.sleep(waitMs, signal);
  if (gate.isBlocked) log.info("reboot blocked, waiting for SIGCONT");
  await gate.passed();
  await release(ports);
  await host.files.syncAll();
  if (rebooter === "kexec") await tryKexec(request.toolsRoot, ports);
  return host.power.restart();
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
  await ports.host.clock.sleep(AFTER_KEXEC_FAILURE_MS, ports.signal);
}
