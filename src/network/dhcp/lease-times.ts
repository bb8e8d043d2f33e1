import type { DhcpLease } from "./lease.ts";

/** Times of a lease in milliseconds since it was given (RFC 2131 section 4.4.5). */
export interface LeaseTimes {
  /** T1: from here on its server is asked to extend it. */
  readonly renewalMs: number;
  /** T2: from here on any server is asked. */
  readonly rebindingMs: number;
  readonly expiryMs: number;
}

const INFINITE_SECONDS = 0xffffffff;
/** An installation takes minutes: a lease that need not be renewed for a week is not watched. */
const LONG_RENEWAL_MS = 7 * 24 * 3600 * 1000;
/** A broken server must not make us ask without pause. */
const MINIMUM_RENEWAL_MS = 1000;
const FIRST_WAIT_MS = 4000;
const LONGEST_WAIT_MS = 60_000;

/** When to renew; undefined when the lease lasts for ever, or long enough for any installation. */
export function leaseTimes(lease: DhcpLease): LeaseTimes | undefined {
  const { leaseSeconds = INFINITE_SECONDS, renewalSeconds, rebindingSeconds } = lease;
  if (leaseSeconds >= INFINITE_SECONDS) return undefined;
  const expiryMs = leaseSeconds * 1000;
  const rebindingMs = within((rebindingSeconds ?? 0) * 1000, expiryMs) ?? expiryMs * 0.875;
  const renewalMs = within((renewalSeconds ?? 0) * 1000, rebindingMs) ?? Math.min(expiryMs / 2, rebindingMs);
  if (renewalMs > LONG_RENEWAL_MS) return undefined;
  return { renewalMs: Math.max(renewalMs, MINIMUM_RENEWAL_MS), rebindingMs, expiryMs };
}

/**
 * How long to wait for an answer before asking again: half of what is left until the next state, as RFC 2131 has it, but
 * between 4 and 60 s, as an installation depends on the address and is over long before it matters to the server.
 */
export function renewalWaitMs(remainingMs: number): number {
  return Math.min(LONGEST_WAIT_MS, Math.max(FIRST_WAIT_MS, remainingMs / 2));
}

/** `valueMs` when it lies between 0 and `limitMs`. */
function within(valueMs: number, limitMs: number): number | undefined {
  return valueMs > 0 && valueMs < limitMs ? valueMs : undefined;
}
