const FIRST_PERIOD_MS = 60_000;
const FIRST_INTERVAL_MS = 1000;
/** From RFC 2131 section 4.1, as far as a person can be expected to wait: by the time since asking began. */
const LATER_INTERVALS: readonly (readonly [untilMs: number, intervalMs: number])[] = [
  [90_000, 4000],
  [180_000, 8000],
];
const LAST_INTERVAL_MS = 16_000;
const REQUEST_INTERVALS_MS = [1000, 2000, 4000, 4000] as const;
/** Of each interval, to either side: a rack that powers up at once should not ask in step. */
const JITTER = 0.25;

/** How often a REQUEST is sent before the client starts over. */
export const REQUEST_ATTEMPTS = REQUEST_INTERVALS_MS.length;

/**
 * How long to wait for an answer to a DISCOVER that was sent `elapsedMs` after the client began to ask on this link.
 * Quick during the first minute, in which switch ports start to forward (spanning tree: 30 to 50 s after the link comes
 * up) and nobody could say when; then backing off. `random` is uniform in [0, 1).
 */
export function discoverWaitMs(elapsedMs: number, random: number): number {
  if (elapsedMs < FIRST_PERIOD_MS) return withJitter(FIRST_INTERVAL_MS, random);
  const later = LATER_INTERVALS.find(([untilMs]) => elapsedMs < untilMs);
  return withJitter(later?.[1] ?? LAST_INTERVAL_MS, random);
}

/** How long to wait for the answer to REQUEST number `attempt`, from 0. */
export function requestWaitMs(attempt: number, random: number): number {
  return withJitter(REQUEST_INTERVALS_MS[attempt] ?? LAST_INTERVAL_MS, random);
}

function withJitter(intervalMs: number, random: number): number {
  return intervalMs * (1 + (2 * random - 1) * JITTER);
}
