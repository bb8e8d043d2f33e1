import type { Logger } from "../../core/logger.ts";
import type { Clock } from "../../system/power.ts";
import type { DhcpLease } from "./lease.ts";

/** A lease that leads to no configuration. */
export interface RejectedLease {
  readonly lease: DhcpLease;
  /** What the latest attempt failed with. */
  readonly why: string;
  /** Monotonic; from then on the lease is no longer ours. */
  readonly expiresMs: number;
}

/** The leases of this machine that led to no configuration, in order of arrival. */
export class RejectedLeases {
  readonly #clock: Clock;
  readonly #log: Logger;
  readonly #entries = new Map<DhcpLease, RejectedLease>();

  constructor(clock: Clock, log: Logger) {
    this.#clock = clock;
    this.#log = log;
  }

  /** Adds a lease, or the newest reason of one that is known. A reason that is new is a warning in the log. */
  add(lease: DhcpLease, why: string): void {
    const known = this.#entries.get(lease);
    const line = `${lease.interfaceName}: passing over DHCP server ${lease.serverIdentifier}: ${why}`;
    if (known?.why === why) this.#log.debug(1, line);
    else this.#log.warn(line);
    const lifetimeMs = (lease.leaseSeconds ?? Number.POSITIVE_INFINITY) * 1000;
    const expiresMs = known?.expiresMs ?? this.#clock.monotonicMs() + lifetimeMs;
    this.#entries.set(lease, { lease, why, expiresMs });
  }

  all(): readonly RejectedLease[] {
    return [...this.#entries.values()];
  }

  /** Those of one interface that have not expired. */
  of(interfaceName: string): readonly RejectedLease[] {
    const nowMs = this.#clock.monotonicMs();
    return this.all().filter(
      ({ lease, expiresMs }) => lease.interfaceName === interfaceName && nowMs < expiresMs,
    );
  }
}
