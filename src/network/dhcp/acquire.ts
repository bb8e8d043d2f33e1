import { InstallerError } from "../../core/errors.ts";
import type { NetworkInterface } from "../../system/interfaces.ts";
import { type DhcpLease, formatLeaseMask } from "./lease.ts";
import { type AcquireLeasePorts, LeaseSearch, type ProbeLease, type SharedSearch } from "./lease-search.ts";
import { type RejectedLease, RejectedLeases } from "./rejected-leases.ts";
import { RequestTurns } from "./request-turns.ts";

export interface AcquireLeaseOptions {
  /** The interfaces to try, all at once. */
  readonly interfaces: readonly NetworkInterface[];
  /** Default 5 minutes; 0: no limit. */
  readonly timeoutMs?: number;
  /**
   * Whether an answer is of use; without it every lease is. One at a time, after the server has acknowledged the lease.
   * A server whose lease fails is passed over for another; see `acquireLease` for when there is none.
   */
  readonly probe?: ProbeLease | undefined;
}

export interface AcquiredLease {
  readonly lease: DhcpLease;
  /** Whether it passed the probe. */
  readonly isProven: boolean;
}

const DEFAULT_TIMEOUT_MS = 5 * 60_000;
/** Longer timers of Node end at once; this is 24 days. */
const MAXIMUM_TIMER_MS = 2 ** 31 - 1;

/**
 * A lease from whichever interface has a usable answer first; the work on the others has ended when it resolves, and
 * addresses were requested one at a time. The interfaces are raised, nothing is configured. When time is over and no
 * lease passed the probe, the first of those that failed is the result, after an error in the log that names them all.
 *
 * Rejects with E_DHCP_FAILED when there is no interface or none can be used, E_DHCP_TIMEOUT, or the abort reason.
 */
export async function acquireLease(
  ports: AcquireLeasePorts,
  options: AcquireLeaseOptions,
  signal: AbortSignal,
): Promise<AcquiredLease> {
  const { log } = ports;
  const { interfaces, timeoutMs = DEFAULT_TIMEOUT_MS, probe } = options;
  if (interfaces.length === 0)
    throw new InstallerError("E_DHCP_FAILED", "requesting an address by DHCP: there is no network interface");
  log.info(`requesting an address by DHCP on: ${interfaces.map(({ name }) => name).join(" ")}`);
  const stop = new AbortController();
  const either = AbortSignal.any([signal, stop.signal]);
  const rejected = new RejectedLeases(ports.clock, log);
  const shared: SharedSearch = { turns: new RequestTurns(), probe, rejected };
  const searches = interfaces.map((networkInterface) => new LeaseSearch(ports, networkInterface, shared));
  const runs = searches.map((search) => search.run(either));
  try {
    const found = await Promise.race([Promise.any(runs), timeOut(ports, timeoutMs, either)]);
    const lease = found ?? takeRejected(ports, rejected.all(), searches);
    const isProven = found !== undefined && probe !== undefined;
    log.info(`${lease.interfaceName}: using DHCP response with address: ${lease.address}`);
    if (lease.maskIsGuessed)
      log.warn(
        `${lease.interfaceName}: no valid netmask in the response, assuming ${formatLeaseMask(lease)}`,
      );
    return { lease, isProven };
  } catch (error) {
    signal.throwIfAborted();
    if (!(error instanceof AggregateError)) throw error;
    throw new InstallerError("E_DHCP_FAILED", "unable to issue DHCP request on any interface", {
      cause: error.errors[0],
    });
  } finally {
    stop.abort();
    await Promise.allSettled(runs);
  }
}

/** Undefined when time is over; never, without a limit or once `signal` aborts: then the searches end by themselves. */
async function timeOut(
  { clock }: AcquireLeasePorts,
  timeoutMs: number,
  signal: AbortSignal,
): Promise<undefined> {
  const never = new Promise<undefined>(() => undefined);
  if (timeoutMs <= 0 || timeoutMs > MAXIMUM_TIMER_MS) return never;
  return clock.sleep(timeoutMs, signal).then(
    () => undefined,
    () => never,
  );
}

/** What is left when time is over. Throws E_DHCP_TIMEOUT when nobody answered. */
function takeRejected(
  { log }: AcquireLeasePorts,
  rejected: readonly RejectedLease[],
  searches: readonly LeaseSearch[],
): DhcpLease {
  const first = rejected[0];
  if (first === undefined) {
    const states = searches.map(({ state }) => state).join("; ");
    throw new InstallerError("E_DHCP_TIMEOUT", `timed out waiting for DHCP: ${states}`);
  }
  const servers = rejected.map(
    ({ lease, why }) => `${lease.interfaceName}: ${lease.serverIdentifier}: ${why}`,
  );
  log.error(`no DHCP server led to a configuration, going on with the first: ${servers.join("; ")}`);
  return first.lease;
}
