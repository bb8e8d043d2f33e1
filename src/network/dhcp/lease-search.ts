import { messageChain } from "../../core/errors.ts";
import type { Interfaces, NetworkInterface } from "../../system/interfaces.ts";
import type { Sockets } from "../../system/sockets.ts";
import { withinTime } from "../deadline.ts";
import { requestLease } from "./client.ts";
import type { DhcpClientPorts } from "./exchange.ts";
import type { DhcpLease } from "./lease.ts";
import { awaitCarrier, whileLinkUp } from "./link.ts";
import type { RejectedLeases } from "./rejected-leases.ts";
import type { RequestTurn, RequestTurns } from "./request-turns.ts";
import { type DhcpTransport, openDhcpTransport } from "./transport.ts";

export interface AcquireLeasePorts extends DhcpClientPorts {
  readonly interfaces: Pick<Interfaces, "setUp" | "hasCarrier">;
  readonly sockets: Sockets;
}

/** Finds out whether an installation can go on with `lease`; rejects with the reason when it cannot. */
export type ProbeLease = (lease: DhcpLease, signal: AbortSignal) => Promise<void>;

/** What the searches on the interfaces of one machine have in common. */
export interface SharedSearch {
  readonly turns: RequestTurns;
  readonly probe?: ProbeLease | undefined;
  readonly rejected: RejectedLeases;
}

/** How long to look for other servers before the ones that led nowhere are tried again. */
const OTHER_SERVERS_MS = 10_000;

/**
 * The search for a lease on one interface. A server whose lease fails the probe is passed over while there are others;
 * then its lease is probed again, not requested again: a hypervisor answers one request only (spec/netboot.md 3.2).
 */
export class LeaseSearch {
  readonly #ports: AcquireLeasePorts;
  readonly #interface: NetworkInterface;
  readonly #shared: SharedSearch;
  #state = "not raised";
  #turn: RequestTurn | undefined;
  #isAnswered = false;

  constructor(ports: AcquireLeasePorts, networkInterface: NetworkInterface, shared: SharedSearch) {
    this.#ports = ports;
    this.#interface = networkInterface;
    this.#shared = shared;
  }

  /** What the search waits for, for the message when time is over: `eth0: no carrier`. */
  get state(): string {
    return `${this.#interface.name}: ${this.#state}`;
  }

  /** The first lease that passes the probe. Rejects when `signal` aborts or the interface cannot be used. */
  async run(signal: AbortSignal): Promise<DhcpLease> {
    const { name } = this.#interface;
    try {
      await this.#ports.interfaces.setUp(name, true);
      await this.#awaitCarrier(signal);
      await using transport = await openDhcpTransport(this.#ports.sockets, name, this.#ports.log);
      return await this.#searchOnLink(transport, signal);
    } catch (error) {
      if (!signal.aborted) {
        this.#state = messageChain(error);
        this.#ports.log.warn(`${name}: requesting an address by DHCP: ${this.#state}`);
      }
      throw error;
    }
  }

  async #searchOnLink(transport: DhcpTransport, signal: AbortSignal): Promise<DhcpLease> {
    const { clock } = this.#ports;
    for (let startedMs = clock.monotonicMs(); ; ) {
      const isLinkDown = await this.#awaitCarrier(signal);
      if (isLinkDown) startedMs = clock.monotonicMs();
      const lease =
        this.#shared.rejected.of(this.#interface.name).length === 0
          ? await this.#request(transport, startedMs, signal)
          : await withinTime(clock, OTHER_SERVERS_MS, signal, (either) =>
              this.#request(transport, startedMs, either),
            );
      if (lease !== undefined) {
        if (await this.#isProven(lease, signal)) return lease;
        continue;
      }
      for (const { lease: rejected } of this.#shared.rejected.of(this.#interface.name)) {
        this.#turn = await this.#shared.turns.take(signal);
        if (await this.#isProven(rejected, signal)) return rejected;
      }
    }
  }

  /** A lease of a server that has not led nowhere yet, in our turn; undefined when the link goes down. */
  #request(transport: DhcpTransport, startedMs: number, signal: AbortSignal): Promise<DhcpLease | undefined> {
    const { name: interfaceName, macAddress } = this.#interface;
    const avoidedServers = new Set(
      this.#shared.rejected.of(this.#interface.name).map(({ lease }) => lease.serverIdentifier ?? ""),
    );
    const options = {
      interfaceName,
      macAddress,
      transport,
      startedMs,
      avoidedServers,
      beginRequest: async (turnSignal: AbortSignal) => {
        this.#turn = await this.#shared.turns.take(turnSignal);
        return this.#turn;
      },
      onOffer: () => {
        this.#isAnswered = true;
        this.#state = "no usable answer";
      },
    };
    const isAnswered = (): boolean => this.#isAnswered;
    return whileLinkUp(this.#ports, interfaceName, isAnswered, signal, (either) =>
      requestLease(options, this.#ports, either),
    );
  }

  /** Whether the lease passes the probe; when not, the turn goes to the next. */
  async #isProven(lease: DhcpLease, signal: AbortSignal): Promise<boolean> {
    this.#state = `trying the answer of ${lease.serverIdentifier}`;
    try {
      await this.#shared.probe?.(lease, signal);
      return true;
    } catch (error) {
      signal.throwIfAborted();
      this.#shared.rejected.add(lease, messageChain(error));
      this.#turn?.end();
      return false;
    }
  }

  /** Whether it had to be waited for. */
  async #awaitCarrier(signal: AbortSignal): Promise<boolean> {
    const { name } = this.#interface;
    const hadCarrier = await this.#ports.interfaces.hasCarrier(name);
    if (!hadCarrier) {
      this.#state = "no carrier";
      this.#isAnswered = false;
      await awaitCarrier(this.#ports, name, signal);
    }
    if (!this.#isAnswered) this.#state = "link up, no answer";
    return !hadCarrier;
  }
}
