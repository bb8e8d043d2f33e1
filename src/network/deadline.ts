import type { Clock } from "../system/power.ts";

/**
 * Runs `operation` for at most `waitMs`: the signal it gets aborts then, and undefined is the result. The abort of
 * `signal` and the operation's own failures pass through.
 */
export async function withinTime<Value>(
  clock: Clock,
  waitMs: number,
  signal: AbortSignal,
  operation: (signal: AbortSignal) => Promise<Value>,
): Promise<Value | undefined> {
  const deadline = new AbortController();
  const either = AbortSignal.any([signal, deadline.signal]);
  const timer = clock.sleep(waitMs, either).then(
    () => deadline.abort(),
    () => undefined,
  );
  try {
    return await operation(either);
  } catch (error) {
    if (deadline.signal.aborted && !signal.aborted) return undefined;
    throw error;
  } finally {
    deadline.abort();
    await timer;
  }
}
