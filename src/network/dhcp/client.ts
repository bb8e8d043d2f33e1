import { InstallerError, messageChain } from "../../core/errors.ts";
import type { Logger } from "../../core/logger.ts";
import type { Clock } from "../../system/power.ts";
import { withinTime } from "../deadline.ts";
import { ipv4Bytes } from "../ip-address.ts";
import {
  type DhcpMessage,
  type DhcpOptions,
  encodeDhcpMessage,
  MESSAGE_TYPE,
  messageType,
  OPTION,
  parseDhcpMessage,
} from "./codec.ts";
import { type DhcpLease, isTftpServerKnown, parseLease } from "./lease.ts";
import type { RequestTurn } from "./request-turns.ts";
import type { DhcpTransport } from "./transport.ts";

/** The interface to get an address for. */
export interface DhcpClientOptions {
  readonly interfaceName: string;
  /** Lower case, colons. */
  readonly macAddress: string;
  readonly transport: DhcpTransport;
  /**
   * Awaited before the first REQUEST of an exchange; the turn ends when that yields no lease. So several clients of one
   * machine do not each take an address: a hypervisor counts acknowledgements (spec/netboot.md 3.2).
   */
  readonly beginRequest: (signal: AbortSignal) => Promise<RequestTurn>;
}

export interface DhcpClientPorts {
  readonly clock: Clock;
  /** Uniform in [0, 1); default Math.random. */
  readonly random?: () => number;
  readonly log: Logger;
}

/** Pauses between retransmissions; shorter than RFC 2131 section 4.1, as a person or a one-minute window is waiting. */
const WAITS_MS = [2000, 4000, 8000] as const;
const JITTER_MS = 500;
const REQUEST_ATTEMPTS = 4;
/** How long to look for a better offer once there is one that does not say where the configuration is. */
const BETTER_OFFER_MS = 1000;
const RESTART_PAUSE_MS = 1000;
/** An Ethernet frame without IP and UDP headers. */
const MAXIMUM_MESSAGE_BYTES = 1472;
const UNSPECIFIED = "0.0.0.0";
const ETHERNET = 1;

/** What we ask the server for; some answer with nothing else (spec/netboot.md 3.3). */
const WANTED_OPTIONS = [
  OPTION.subnetMask,
  OPTION.router,
  OPTION.nameServers,
  OPTION.domainName,
  OPTION.hostname,
  OPTION.leaseTime,
  OPTION.serverIdentifier,
  OPTION.tftpServerName,
  OPTION.bootFileName,
  OPTION.tftpServerAddresses,
] as const;

/** One exchange, from DISCOVER to ACK. */
interface Exchange {
  readonly options: DhcpClientOptions;
  readonly ports: Required<DhcpClientPorts>;
  readonly transactionId: number;
  readonly startedMs: number;
  readonly signal: AbortSignal;
}

interface Offer {
  readonly lease: DhcpLease;
  readonly serverIdentifier: Buffer;
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
  const ports = { clock, log, random };
  for (;;) {
    const exchange: Exchange = {
      options,
      ports,
      transactionId: Math.floor(random() * 2 ** 32),
      startedMs: clock.monotonicMs(),
      signal,
    };
    const offer = await findOffer(exchange);
    const lease = await requestOffered(exchange, offer);
    if (lease !== undefined) return lease;
    await clock.sleep(RESTART_PAUSE_MS + random() * JITTER_MS, signal);
  }
}

async function findOffer(exchange: Exchange): Promise<Offer> {
  for (let attempt = 0; ; attempt++) {
    await send(
      exchange,
      new Map([[OPTION.messageType, Buffer.of(MESSAGE_TYPE.discover)], ...commonOptions()]),
    );
    const first = await awaitReply(exchange, retransmitMs(exchange, attempt), (message, packet) =>
      readOffer(exchange, message, packet),
    );
    if (first === undefined) continue;
    if (isTftpServerKnown(first.lease)) return first;
    const better = await awaitReply(exchange, BETTER_OFFER_MS, (message, packet) => {
      const offer = readOffer(exchange, message, packet);
      return offer !== undefined && isTftpServerKnown(offer.lease) ? offer : undefined;
    });
    return better ?? first;
  }
}

/** The lease that the server confirmed; undefined when it refused, fell silent or changed its mind. */
async function requestOffered(exchange: Exchange, offer: Offer): Promise<DhcpLease | undefined> {
  const turn = await exchange.options.beginRequest(exchange.signal);
  let lease: DhcpLease | undefined;
  try {
    lease = await requestInTurn(exchange, offer);
    return lease;
  } finally {
    // With a lease the turn is never given up, so that no other interface asks for one as well.
    if (lease === undefined) turn.end();
  }
}

async function requestInTurn(exchange: Exchange, offer: Offer): Promise<DhcpLease | undefined> {
  const { interfaceName } = exchange.options;
  const request = new Map<number, Buffer>([
    [OPTION.messageType, Buffer.of(MESSAGE_TYPE.request)],
    [OPTION.requestedAddress, ipv4Bytes(offer.lease.address)],
    [OPTION.serverIdentifier, offer.serverIdentifier],
    ...commonOptions(),
  ]);
  for (let attempt = 0; attempt < REQUEST_ATTEMPTS; attempt++) {
    await send(exchange, request);
    const verdict = await awaitReply(exchange, retransmitMs(exchange, attempt), (message, packet) =>
      readVerdict(exchange, offer, message, packet),
    );
    if (verdict === "refused") return undefined;
    if (verdict !== undefined) return verdict;
  }
  exchange.ports.log.info(
    `${interfaceName}: no answer to the request for ${offer.lease.address}, starting over`,
  );
  return undefined;
}

function readOffer(exchange: Exchange, message: DhcpMessage, packet: Buffer): Offer | undefined {
  if (messageType(message) !== MESSAGE_TYPE.offer) return undefined;
  const { interfaceName } = exchange.options;
  const serverIdentifier = message.options.get(OPTION.serverIdentifier);
  if (serverIdentifier?.length !== 4) {
    exchange.ports.log.info(
      `${interfaceName}: ignoring offer: ${message.yourAddress} with no server identifier`,
    );
    return undefined;
  }
  const lease = readLease(exchange, message, packet);
  return lease === undefined ? undefined : { lease, serverIdentifier };
}

function readVerdict(
  exchange: Exchange,
  offer: Offer,
  message: DhcpMessage,
  packet: Buffer,
): DhcpLease | "refused" | undefined {
  const server = message.options.get(OPTION.serverIdentifier);
  if (server !== undefined && !server.equals(offer.serverIdentifier)) return undefined;
  switch (messageType(message)) {
    case MESSAGE_TYPE.ack:
      return readLease(exchange, message, packet) ?? "refused";
    case MESSAGE_TYPE.nak: {
      const why = message.options.get(OPTION.message)?.toString("latin1") ?? "";
      exchange.ports.log.info(
        `${exchange.options.interfaceName}: ${offer.lease.address} was refused ${JSON.stringify(why)}`,
      );
      return "refused";
    }
    default:
      return undefined;
  }
}

function readLease(exchange: Exchange, message: DhcpMessage, packet: Buffer): DhcpLease | undefined {
  try {
    return parseLease(exchange.options.interfaceName, message, packet);
  } catch (error) {
    // Not the end: another server on this wire, or this one after a correction, may do better.
    if (!(error instanceof InstallerError)) throw error;
    exchange.ports.log.info(messageChain(error));
    return undefined;
  }
}

async function send(exchange: Exchange, options: DhcpOptions): Promise<void> {
  const { ports, startedMs, transactionId } = exchange;
  const message = encodeDhcpMessage({
    operation: 1,
    hardwareType: ETHERNET,
    hardwareAddress: hardwareAddress(exchange),
    transactionId,
    elapsedSeconds: Math.min(0xffff, Math.floor((ports.clock.monotonicMs() - startedMs) / 1000)),
    // We have no address yet: a unicast answer would be dropped by the kernel.
    broadcast: true,
    clientAddress: UNSPECIFIED,
    yourAddress: UNSPECIFIED,
    nextServer: UNSPECIFIED,
    relayAddress: UNSPECIFIED,
    options,
  });
  try {
    await exchange.options.transport.send(message);
  } catch (error) {
    // A link that flaps (ENETDOWN) or a full queue (ENOBUFS) is a lost packet, not the end.
    ports.log.debug(1, `${exchange.options.interfaceName}: sending a DHCP message: ${messageChain(error)}`);
  }
}

/** The first answer to this exchange for which `accept` has a value; undefined after `waitMs`. */
function awaitReply<Value>(
  exchange: Exchange,
  waitMs: number,
  accept: (message: DhcpMessage, packet: Buffer) => Value | undefined,
): Promise<Value | undefined> {
  const { options, ports, signal } = exchange;
  return withinTime(ports.clock, waitMs, signal, async (either) => {
    for (;;) {
      const packet = await options.transport.receive(either);
      const message = readReply(exchange, packet);
      const value = message === undefined ? undefined : accept(message, packet);
      if (value !== undefined) return value;
    }
  });
}

/** A well-formed answer to this exchange: others on the wire use the same port and may use the same transaction id. */
function readReply(exchange: Exchange, packet: Buffer): DhcpMessage | undefined {
  const { interfaceName } = exchange.options;
  try {
    const message = parseDhcpMessage(packet);
    const isOurs =
      message.operation === 2 &&
      message.transactionId === exchange.transactionId &&
      message.hardwareAddress.equals(hardwareAddress(exchange));
    return isOurs ? message : undefined;
  } catch (error) {
    exchange.ports.log.debug(1, `${interfaceName}: ${messageChain(error)}`);
    return undefined;
  }
}

function commonOptions(): readonly (readonly [number, Buffer])[] {
  const maximumSize = Buffer.alloc(2);
  maximumSize.writeUInt16BE(MAXIMUM_MESSAGE_BYTES);
  return [
    [OPTION.maximumMessageSize, maximumSize],
    [OPTION.parameterRequestList, Buffer.from(WANTED_OPTIONS)],
  ];
}

function hardwareAddress(exchange: Exchange): Buffer {
  return Buffer.from(exchange.options.macAddress.replaceAll(":", ""), "hex");
}

/** Randomised, so that a rack that powers up at once does not ask in step. */
function retransmitMs(exchange: Exchange, attempt: number): number {
  const base = WAITS_MS[Math.min(attempt, WAITS_MS.length - 1)] ?? 8000;
  return base + (2 * exchange.ports.random() - 1) * JITTER_MS;
}
