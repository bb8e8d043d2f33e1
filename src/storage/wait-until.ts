import type { Clock } from "../system/power.ts";

export interface WaitPolicy {
  readonly clock: Pick<Clock, "monotonicMs" | "sleep">;
  readonly signal: AbortSignal;
  readonly timeoutMs: number;
}

const FIRST_PAUSE_MS = 1;
const LONGEST_PAUSE_MS = 100;

/**
 * Calls `probe` until it returns something, with pauses that grow from 1 ms to 100 ms by a quarter
 * (spec/storage.md section 8.2.1). Undefined after `timeoutMs`; rejects when aborted.
 */
export async function waitUntil<T>(
  probe: (attempt: number) => Promise<T | undefined>,
  { clock, signal, timeoutMs }: WaitPolicy,
): Promise<T | undefined> {
  const deadlineMs = clock.monotonicMs() + timeoutMs;
  let pauseMs = FIRST_PAUSE_MS;
  for (let attempt = 1; ; attempt++) {
    signal.throwIfAborted();
    const result = await probe(attempt);
    if (result !== undefined) return result;
    if (clock.monotonicMs() >= deadlineMs) return undefined;
    await clock.sleep(pauseMs, signal);
    pauseMs = Math.min(LONGEST_PAUSE_MS, pauseMs * 1.25);
  }
}
