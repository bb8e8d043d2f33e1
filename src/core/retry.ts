import { setTimeout as sleep } from "node:timers/promises";

/** How often and how patiently to try again. */
export interface RetryPolicy {
  /** Attempts in all, at least 1. */
  readonly attempts: number;
  readonly firstDelayMs: number;
  /** Upper bound of the pause; it doubles after each failure. */
  readonly maxDelayMs: number;
  /** Whether this failure is worth another attempt; decide by error code, never by text. */
  readonly isTransient: (error: unknown) => boolean;
  /** Told before each pause, so that the operator sees why nothing seems to happen. */
  readonly onRetry?: (error: unknown, attempt: number, delayMs: number) => void;
}

/** Runs `operation` until it succeeds, fails for good, or the attempts are used up; rejects with the last error. */
export async function retry<T>(
  operation: (attempt: number) => Promise<T>,
  policy: RetryPolicy,
  signal: AbortSignal,
): Promise<T> {
  for (let attempt = 1; ; attempt++) {
    signal.throwIfAborted();
    try {
      return await operation(attempt);
    } catch (error) {
      if (attempt >= policy.attempts || signal.aborted || !policy.isTransient(error)) throw error;
      const delayMs = Math.min(policy.maxDelayMs, policy.firstDelayMs * 2 ** (attempt - 1));
      policy.onRetry?.(error, attempt, delayMs);
      await sleep(delayMs, undefined, { signal });
    }
  }
}
