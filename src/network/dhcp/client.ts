import { ipv4Bytes } from "../ip-address.ts";
import { type DhcpMessage, MESSAGE_TYPE, messageType, OPTION } from "./codec.ts";
import {
  commonOptions,
  type DhcpClientPorts,
  type DhcpIdentity,
  type Exchange,
  encodeClientMessage,
  makeTransactionId,
  sendOrLose,
} from "./exchange.ts";
import { type DhcpLease, isTftpServerKnown } from "./lease.ts";
import { awaitReply } from "./replies.ts";
import type { RequestTurn } from "./request-turns.ts";
import { discoverWaitMs, REQUEST_ATTEMPTS, requestWaitMs } from "./retransmission.ts";
import { type Offer, readOffer, readVerdict } from "./server-answers.ts";
import { tellOnce } from "./tell-once.ts";
import type { DhcpTransport } from "./transport.ts";

/** The interface to get an address for. */
export interface DhcpClientOptions extends DhcpIdentity {
  readonly transport: DhcpTransport;
  /**
   * Awaited before the first REQUEST of an exchange; the turn ends when that yields no lease. So several clients of one
   * machine do not each take an address: a hypervisor counts acknowledgements (spec/netboot.md 3.2).
   */
  readonly beginRequest: (signal: AbortSignal) => Promise<RequestTurn>;
  /** Monotonic time since when the client asks on this link; default now. */
  readonly startedMs?: number;
  /** Server identifiers whose offers are passed over. */
  readonly avoidedServers?: ReadonlySet<string>;
  /** Called for each offer, also one that is not used. */
  readonly onOffer?: () => void;
}

/** How long to look for a better offer once there is one that does not say where the configuration is. */
const BETTER_OFFER_MS = 1000;
const RESTART_PAUSE_MS = 1000;

interface Client {
  readonly options: DhcpClientOptions;
  readonly exchange: Exchange;
  readonly startedMs: number;
}

/**
 * Gets a lease on one interface (RFC 2131, states INIT, SELECTING and REQUESTING). Tries until it has a usable one:
 * lost packets, refusals and unusable answers are logged and waiting goes on. Rejects only when `signal` aborts or the
 * socket fails.
 */
export async function requestLease(
  options: DhcpClientOptions,
  { clock, log, random = Math.random }: DhcpClientPorts,
  signal: AbortSignal,
): Promise<DhcpLease> {
  const ports = { clock, log: tellOnce(log), random };
  const startedMs = options.startedMs ?? clock.monotonicMs();
  for (;;) {
    const transactionId = makeTransactionId(random);
    const exchange = { identity: options, transport: options.transport, ports, transactionId, signal };
    const client: Client = { options, exchange, startedMs };
    const lease = await requestOffered(client, await findOffer(client));
    if (lease !== undefined) return lease;
    await clock.sleep(RESTART_PAUSE_MS * (1 + random()), signal);
  }
}

async function findOffer(client: Client): Promise<Offer> {
  const { exchange, options, startedMs } = client;
  const { clock, random } = exchange.ports;
  const discover = new Map([
    [OPTION.messageType, Buffer.of(MESSAGE_TYPE.discover)] as const,
    ...commonOptions(),
  ]);
  for (;;) {
    const elapsedMs = clock.monotonicMs() - startedMs;
    const elapsedSeconds = elapsedMs / 1000;
    const bytes = encodeClientMessage(exchange, { options: discover, elapsedSeconds });
    await sendOrLose(exchange, () => options.transport.send(bytes));
    const accept = (message: DhcpMessage, packet: Buffer): Offer | undefined => {
      if (messageType(message) !== MESSAGE_TYPE.offer) return undefined;
      options.onOffer?.();
      const offer = readOffer(exchange, elapsedSeconds, message, packet);
      if (offer === undefined || isAvoided(options, offer)) return undefined;
      exchange.ports.log.info(describeOffer(offer));
      return offer;
    };
    const first = await awaitReply(exchange, discoverWaitMs(elapsedMs, random()), accept);
    if (first === undefined) continue;
    if (isTftpServerKnown(first.lease)) return first;
    const better = await awaitReply(exchange, BETTER_OFFER_MS, (message, packet) => {
      const offer = accept(message, packet);
      return offer !== undefined && isTftpServerKnown(offer.lease) ? offer : undefined;
    });
    return better ?? first;
  }
}

/** The lease that the server confirmed; undefined when it refused, fell silent or changed its mind. */
async function requestOffered(client: Client, offer: Offer): Promise<DhcpLease | undefined> {
  const turn = await client.options.beginRequest(client.exchange.signal);
  let lease: DhcpLease | undefined;
  try {
    lease = await requestInTurn(client, offer);
    return lease;
  } finally {
    // With a lease the turn is the caller's to end: no other interface asks for one as well.
    if (lease === undefined) turn.end();
  }
}

async function requestInTurn({ exchange, options }: Client, offer: Offer): Promise<DhcpLease | undefined> {
  const request = new Map<number, Buffer>([
    [OPTION.messageType, Buffer.of(MESSAGE_TYPE.request)],
    [OPTION.requestedAddress, ipv4Bytes(offer.lease.address)],
    [OPTION.serverIdentifier, offer.serverIdentifier],
    ...commonOptions(),
  ]);
  const { elapsedSeconds } = offer;
  const bytes = encodeClientMessage(exchange, { options: request, elapsedSeconds });
  for (let attempt = 0; attempt < REQUEST_ATTEMPTS; attempt++) {
    await sendOrLose(exchange, () => options.transport.send(bytes));
    const waitMs = requestWaitMs(attempt, exchange.ports.random());
    const verdict = await awaitReply(exchange, waitMs, (message, packet) =>
      readVerdict(exchange, offer, message, packet),
    );
    if (verdict === "refused") return undefined;
    if (verdict !== undefined) return verdict;
  }
  const { address } = offer.lease;
  exchange.ports.log.info(`${options.interfaceName}: no answer to the request for ${address}, starting over`);
  return undefined;
}

function isAvoided({ avoidedServers }: DhcpClientOptions, { lease }: Offer): boolean {
  return avoidedServers?.has(lease.serverIdentifier ?? "") === true;
}

function describeOffer({ lease }: Offer): string {
  const { interfaceName, serverIdentifier, address } = lease;
  const lack = isTftpServerKnown(lease) ? "" : ", naming no TFTP server";
  return `${interfaceName}: DHCP server ${serverIdentifier} offers ${address}${lack}`;
}
