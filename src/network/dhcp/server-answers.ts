import { ipv4FromBytes } from "../ip-address.ts";
import { type DhcpMessage, MESSAGE_TYPE, messageType, OPTION } from "./codec.ts";
import type { Exchange } from "./exchange.ts";
import type { DhcpLease } from "./lease.ts";
import { readLease, refusalText } from "./replies.ts";

/** What a server would give. */
export interface Offer {
  readonly lease: DhcpLease;
  readonly serverIdentifier: Buffer;
  /** Of the DISCOVER: the REQUEST has the same (RFC 2131 section 4.4.1). */
  readonly elapsedSeconds: number;
}

/** What an OFFER offers; undefined, with a log line, when it is of no use. */
export function readOffer(
  exchange: Exchange,
  elapsedSeconds: number,
  message: DhcpMessage,
  packet: Buffer,
): Offer | undefined {
  const serverIdentifier = message.options.get(OPTION.serverIdentifier);
  if (serverIdentifier?.length !== 4) {
    exchange.ports.log.info(
      `${exchange.identity.interfaceName}: ignoring offer: ${message.yourAddress} with no server identifier`,
    );
    return undefined;
  }
  const lease = readLease(exchange, message, packet);
  return lease === undefined ? undefined : { lease, serverIdentifier, elapsedSeconds };
}

/** What the server that was asked for `offer` says to it. */
export function readVerdict(
  exchange: Exchange,
  offer: Offer,
  message: DhcpMessage,
  packet: Buffer,
): DhcpLease | "refused" | undefined {
  const server = message.options.get(OPTION.serverIdentifier);
  if (server !== undefined && !server.equals(offer.serverIdentifier)) return undefined;
  switch (messageType(message)) {
    case MESSAGE_TYPE.ack: {
      const lease = readLease(exchange, message, packet);
      // Some leave out in the acknowledgement who they are.
      const serverIdentifier = ipv4FromBytes(offer.serverIdentifier);
      return lease === undefined ? "refused" : { ...lease, serverIdentifier };
    }
    case MESSAGE_TYPE.nak:
      exchange.ports.log.info(
        `${exchange.identity.interfaceName}: ${offer.lease.address} was refused ${refusalText(message)}`,
      );
      return "refused";
    default:
      return undefined;
  }
}
