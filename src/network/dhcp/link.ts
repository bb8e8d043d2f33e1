import type { Logger } from "../../core/logger.ts";
import type { Interfaces } from "../../system/interfaces.ts";
import type { Clock } from "../../system/power.ts";

export interface LinkPorts {
  readonly clock: Clock;
  readonly log: Logger;
  readonly interfaces: Pick<Interfaces, "hasCarrier">;
}

const CARRIER_POLL_MS = 100;
const LOSS_POLL_MS = 250;
/** Answers take milliseconds; a switch port that has just been connected forwards nothing for 30 to 50 s. */
const SILENCE_MS = 10_000;

/** Resolves once the link is up. A cable may be plugged in, or a switch port wake up, at any time: the limit is the caller's. */
export async function awaitCarrier(
  { clock, log, interfaces }: LinkPorts,
  name: string,
  signal: AbortSignal,
): Promise<void> {
  if (await interfaces.hasCarrier(name)) return;
  log.info(`${name}: waiting for carrier`);
  do {
    await clock.sleep(CARRIER_POLL_MS, signal);
  } while (!(await interfaces.hasCarrier(name)));
  log.info(`${name}: has carrier`);
}

/**
 * Runs `operation` as long as the link is up; undefined when it went down first: the signal that the operation gets
 * aborts then. Says once when nobody has answered (`isAnswered`) for ten seconds.
 */
export async function whileLinkUp<Value>(
  ports: LinkPorts,
  name: string,
  isAnswered: () => boolean,
  signal: AbortSignal,
  operation: (signal: AbortSignal) => Promise<Value>,
): Promise<Value | undefined> {
  const down = new AbortController();
  const either = AbortSignal.any([signal, down.signal]);
  const watch = watchLink(ports, name, isAnswered, either).then(
    () => down.abort(),
    () => undefined,
  );
  try {
    return await operation(either);
  } catch (error) {
    if (down.signal.aborted && !signal.aborted) return undefined;
    throw error;
  } finally {
    down.abort();
    await watch;
  }
}

/** Resolves when the link is down. */
async function watchLink(
  { clock, log, interfaces }: LinkPorts,
  name: string,
  isAnswered: () => boolean,
  signal: AbortSignal,
): Promise<void> {
  const startedMs = clock.monotonicMs();
  let isToldSilence = false;
  for (;;) {
    await clock.sleep(LOSS_POLL_MS, signal);
    if (!(await interfaces.hasCarrier(name))) break;
    if (isToldSilence || isAnswered() || clock.monotonicMs() - startedMs < SILENCE_MS) continue;
    isToldSilence = true;
    log.info(`${name}: link up, no answer yet (does the switch port wait for its spanning tree?)`);
  }
  log.info(`${name}: lost carrier`);
}
