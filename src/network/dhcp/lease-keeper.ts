import { messageChain } from "../../core/errors.ts";
import type { Logger } from "../../core/logger.ts";
import type { Clock } from "../../system/power.ts";
import type { Sockets } from "../../system/sockets.ts";
import { type DhcpMessage, MESSAGE_TYPE, messageType, OPTION } from "./codec.ts";
import {
  commonOptions,
  type DhcpIdentity,
  type Exchange,
  encodeClientMessage,
  makeTransactionId,
  sendOrLose,
} from "./exchange.ts";
import type { DhcpLease } from "./lease.ts";
import { type LeaseTimes, leaseTimes, renewalWaitMs } from "./lease-times.ts";
import { awaitReply, readLease, refusalText } from "./replies.ts";
import { openBoundDhcpTransport } from "./transport.ts";

export interface LeaseKeeperPorts {
  readonly clock: Clock;
  readonly sockets: Pick<Sockets, "openUdpOnInterface">;
  readonly log: Logger;
  /** Uniform in [0, 1). */
  readonly random: () => number;
}

/**
 * Extends `lease` again and again in the background (RFC 2131 section 4.4.5, states BOUND, RENEWING and REBINDING), until
 * it is disposed or `signal` aborts. Never fails: a lease that is refused or runs out is logged, and the machine keeps its
 * address, since giving it up would end the installation for certain.
 */
export function keepLease(
  ports: LeaseKeeperPorts,
  macAddress: string,
  lease: DhcpLease,
  signal: AbortSignal,
): AsyncDisposable {
  const stop = new AbortController();
  const either = AbortSignal.any([signal, stop.signal]);
  const identity = { interfaceName: lease.interfaceName, macAddress };
  const end = keepOn(ports, identity, lease, either).catch((error: unknown) => {
    if (!either.aborted) ports.log.warn(`${lease.interfaceName}: renewing the lease: ${messageChain(error)}`);
  });
  return {
    async [Symbol.asyncDispose]() {
      stop.abort();
      await end;
    },
  };
}

async function keepOn(
  ports: LeaseKeeperPorts,
  identity: DhcpIdentity,
  first: DhcpLease,
  signal: AbortSignal,
): Promise<void> {
  const { clock, log } = ports;
  const { interfaceName } = identity;
  for (let lease = first; ; ) {
    const times = leaseTimes(lease);
    if (times === undefined) return;
    const givenMs = clock.monotonicMs();
    await clock.sleep(times.renewalMs, signal);
    const renewed = await renew(ports, identity, lease, times, givenMs, signal);
    if (renewed === undefined) return;
    if (renewed.address === lease.address)
      log.debug(0, `${interfaceName}: the lease of ${lease.address} was renewed`);
    else
      log.warn(
        `${interfaceName}: the DHCP server now gives ${renewed.address}; keeping ${lease.address} until the restart`,
      );
    lease = { ...renewed, address: lease.address };
  }
}

/** The new lease; undefined when the server refuses. After the lease has run out it goes on asking. */
async function renew(
  ports: LeaseKeeperPorts,
  identity: DhcpIdentity,
  lease: DhcpLease,
  times: LeaseTimes,
  givenMs: number,
  signal: AbortSignal,
): Promise<DhcpLease | undefined> {
  const { clock, log, random } = ports;
  const { interfaceName } = identity;
  await using transport = await openBoundDhcpTransport(ports.sockets, interfaceName);
  const exchange: Exchange = {
    identity,
    transport,
    ports: { clock, log, random },
    transactionId: makeTransactionId(random),
    signal,
  };
  const options = new Map([
    [OPTION.messageType, Buffer.of(MESSAGE_TYPE.request)] as const,
    ...commonOptions(),
  ]);
  const startedMs = clock.monotonicMs();
  for (let isToldLost = false; ; ) {
    const ageMs = clock.monotonicMs() - givenMs;
    if (ageMs >= times.expiryMs && !isToldLost) {
      isToldLost = true;
      log.warn(
        `${interfaceName}: nobody renewed the lease of ${lease.address}, which is over; keeping the address`,
      );
    }
    const isRebinding = ageMs >= times.rebindingMs || lease.serverIdentifier === undefined;
    const server = isRebinding ? undefined : lease.serverIdentifier;
    const elapsedSeconds = (clock.monotonicMs() - startedMs) / 1000;
    const bytes = encodeClientMessage(exchange, { options, elapsedSeconds, clientAddress: lease.address });
    await sendOrLose(exchange, () =>
      server === undefined ? transport.send(bytes) : transport.sendTo(server, bytes),
    );
    const untilMs = isRebinding ? times.expiryMs : times.rebindingMs;
    const waitMs = renewalWaitMs(untilMs - ageMs);
    const verdict = await awaitReply(exchange, waitMs, (message, packet) =>
      readVerdict(exchange, message, packet),
    );
    if (verdict === undefined) continue;
    if ("lease" in verdict) return verdict.lease;
    log.warn(
      `${interfaceName}: the DHCP server refuses to extend the lease of ${lease.address} ${verdict.refusal}; keeping the address`,
    );
    return undefined;
  }
}

type Verdict = { readonly lease: DhcpLease } | { readonly refusal: string };

function readVerdict(exchange: Exchange, message: DhcpMessage, packet: Buffer): Verdict | undefined {
  switch (messageType(message)) {
    case MESSAGE_TYPE.ack: {
      const lease = readLease(exchange, message, packet);
      return lease === undefined ? undefined : { lease };
    }
    case MESSAGE_TYPE.nak:
      return { refusal: refusalText(message) };
    default:
      return undefined;
  }
}
