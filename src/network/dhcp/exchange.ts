import { messageChain } from "../../core/errors.ts";
import type { Logger } from "../../core/logger.ts";
import type { Clock } from "../../system/power.ts";
import { type DhcpOptions, encodeDhcpMessage, OPTION } from "./codec.ts";
import type { DhcpTransport } from "./transport.ts";

export interface DhcpClientPorts {
  readonly clock: Clock;
  /** Uniform in [0, 1); default Math.random. */
  readonly random?: () => number;
  readonly log: Logger;
}

/** Who asks: one interface. */
export interface DhcpIdentity {
  readonly interfaceName: string;
  /** Lower case, colons. */
  readonly macAddress: string;
}

/** Messages and answers that belong together by their transaction id. */
export interface Exchange {
  readonly identity: DhcpIdentity;
  readonly transport: DhcpTransport;
  readonly ports: Required<DhcpClientPorts>;
  readonly transactionId: number;
  readonly signal: AbortSignal;
}

/** What varies between the messages of a client. */
export interface ClientMessage {
  readonly options: DhcpOptions;
  /** Seconds since the client began to ask, as relays and servers look at it. */
  readonly elapsedSeconds: number;
  /** The address that the machine has and keeps (states BOUND, RENEWING, REBINDING); absent while it has none. */
  readonly clientAddress?: string;
}

const UNSPECIFIED = "0.0.0.0";
const ETHERNET = 1;
const MAXIMUM_SECONDS = 0xffff;
/** An Ethernet frame without IP and UDP headers. */
const MAXIMUM_MESSAGE_BYTES = 1472;

/**
 * What we ask the server for; some answer with nothing else (spec/netboot.md 3.3). Option 121 stands before 3, as
 * RFC 3442 demands.
 */
const WANTED_OPTIONS = [
  OPTION.classlessRoutes,
  OPTION.subnetMask,
  OPTION.router,
  OPTION.nameServers,
  OPTION.hostname,
  OPTION.domainName,
  OPTION.interfaceMtu,
  OPTION.leaseTime,
  OPTION.serverIdentifier,
  OPTION.renewalTime,
  OPTION.rebindingTime,
  OPTION.tftpServerName,
  OPTION.bootFileName,
  OPTION.domainSearch,
  OPTION.tftpServerAddresses,
] as const;

/** The options that every message of ours carries besides its own. */
export function commonOptions(): readonly (readonly [number, Buffer])[] {
  const maximumSize = Buffer.alloc(2);
  maximumSize.writeUInt16BE(MAXIMUM_MESSAGE_BYTES);
  return [
    [OPTION.maximumMessageSize, maximumSize],
    [OPTION.parameterRequestList, Buffer.from(WANTED_OPTIONS)],
  ];
}

/** A new transaction id. */
export function makeTransactionId(random: () => number): number {
  return Math.floor(random() * 2 ** 32);
}

export function encodeClientMessage(
  { identity, transactionId }: Pick<Exchange, "identity" | "transactionId">,
  { options, elapsedSeconds, clientAddress = UNSPECIFIED }: ClientMessage,
): Buffer {
  return encodeDhcpMessage({
    operation: 1,
    hardwareType: ETHERNET,
    hardwareAddress: hardwareAddress(identity),
    transactionId,
    elapsedSeconds: Math.min(MAXIMUM_SECONDS, Math.floor(elapsedSeconds)),
    // Without an address the kernel would drop a unicast answer; not everybody heeds it (see openDhcpTransport).
    broadcast: clientAddress === UNSPECIFIED,
    clientAddress,
    yourAddress: UNSPECIFIED,
    nextServer: UNSPECIFIED,
    relayAddress: UNSPECIFIED,
    options,
  });
}

/** Runs `send`; a link that flaps (ENETDOWN) or a full queue (ENOBUFS) is a lost packet, not the end. */
export async function sendOrLose({ identity, ports }: Exchange, send: () => Promise<void>): Promise<void> {
  try {
    await send();
  } catch (error) {
    ports.log.debug(1, `${identity.interfaceName}: sending a DHCP message: ${messageChain(error)}`);
  }
}

/** The hardware address as messages carry it. */
export function hardwareAddress({ macAddress }: DhcpIdentity): Buffer {
  return Buffer.from(macAddress.replaceAll(":", ""), "hex");
}
