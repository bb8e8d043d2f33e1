import { toError } from "../../core/errors.ts";
import { isTransientConnectionError } from "../../rpc/connection-error.ts";
import type { Clock } from "../../system/power.ts";

const FIRST_PAUSE_MS = 50;
const LONGEST_PAUSE_MS = 5_000;
/** A long wait is mentioned again, so that nobody wonders whether the program is still there. */
const REMINDER_MS = 60_000;
/** Time for connecting when there is one attempt only. */
const SINGLE_ATTEMPT_MS = 15_000;
/** When there are many: a machine that comes up while an attempt hangs is met by the next one soon. */
const REPEATED_ATTEMPT_MS = 5_000;

export interface PersistOptions {
  /** How long to go on trying; 0: once, Infinity: for ever. */
  readonly limitMs: number;
  readonly clock: Pick<Clock, "monotonicMs" | "sleep">;
  readonly signal: AbortSignal;
  /** Told why there is no connection: at first, when the reason changes, and every minute. */
  readonly onWait: (reason: string) => void;
}

/** The pause after one of `ms` while a machine cannot be reached: a sixteenth longer, 5 s at most. */
export function nextPauseMs(ms: number): number {
  return Math.min(LONGEST_PAUSE_MS, (ms * 17) / 16);
}

/**
 * Runs `attempt`, which is told how many milliseconds it may take to connect, until it succeeds, fails for another
 * reason than that the machine cannot be reached, or the time is up; then rejects with the last error. Pauses grow from
 * 50 ms to 5 s, and start over after an attempt that lived for longer.
 */
export async function persist<T>(
  attempt: (timeoutMs: number) => Promise<T>,
  { limitMs, clock, signal, onWait }: PersistOptions,
): Promise<T> {
  const timeoutMs = limitMs === 0 ? SINGLE_ATTEMPT_MS : REPEATED_ATTEMPT_MS;
  const deadlineMs = clock.monotonicMs() + limitMs;
  let pauseMs = FIRST_PAUSE_MS;
  let told = { reason: "", atMs: 0 };
  for (;;) {
    signal.throwIfAborted();
    const startedMs = clock.monotonicMs();
    try {
      return await attempt(timeoutMs);
    } catch (error) {
      const nowMs = clock.monotonicMs();
      if (signal.aborted || nowMs >= deadlineMs || !isTransientConnectionError(error)) throw error;
      if (nowMs - startedMs > LONGEST_PAUSE_MS) pauseMs = FIRST_PAUSE_MS;
      const reason = toError(error).message;
      if (reason !== told.reason || nowMs - told.atMs >= REMINDER_MS) {
        told = { reason, atMs: nowMs };
        onWait(reason);
      }
      await clock.sleep(Math.min(pauseMs, deadlineMs - nowMs), signal);
      pauseMs = nextPauseMs(pauseMs);
    }
  }
}
