import { InstallerError, messageChain } from "../../core/errors.ts";
import { withinTime } from "../deadline.ts";
import { type DhcpMessage, OPTION, parseDhcpMessage } from "./codec.ts";
import { type Exchange, hardwareAddress } from "./exchange.ts";
import { type DhcpLease, parseLease } from "./lease.ts";

/** The first answer to this exchange for which `accept` has a value; undefined after `waitMs`. */
export function awaitReply<Value>(
  exchange: Exchange,
  waitMs: number,
  accept: (message: DhcpMessage, packet: Buffer) => Value | undefined,
): Promise<Value | undefined> {
  const { transport, ports, signal } = exchange;
  return withinTime(ports.clock, waitMs, signal, async (either) => {
    for (;;) {
      const packet = await transport.receive(either);
      const message = readReply(exchange, packet);
      const value = message === undefined ? undefined : accept(message, packet);
      if (value !== undefined) return value;
    }
  });
}

/** The lease in an answer; undefined, with a log line, when a machine cannot be installed with it. */
export function readLease(exchange: Exchange, message: DhcpMessage, packet: Buffer): DhcpLease | undefined {
  try {
    return parseLease(exchange.identity.interfaceName, message, packet);
  } catch (error) {
    // Not the end: another server on this wire, or this one after a correction, may do better.
    if (!(error instanceof InstallerError)) throw error;
    exchange.ports.log.info(messageChain(error));
    return undefined;
  }
}

/** The words of a server that refuses, quoted. */
export function refusalText(message: DhcpMessage): string {
  return JSON.stringify(message.options.get(OPTION.message)?.toString("latin1") ?? "");
}

/** A well-formed answer to this exchange: others on the wire use the same port and may use the same transaction id. */
function readReply({ identity, ports, transactionId }: Exchange, packet: Buffer): DhcpMessage | undefined {
  try {
    const message = parseDhcpMessage(packet);
    const isOurs =
      message.operation === 2 &&
      message.transactionId === transactionId &&
      message.hardwareAddress.equals(hardwareAddress(identity));
    return isOurs ? message : undefined;
  } catch (error) {
    ports.log.debug(1, `${identity.interfaceName}: ${messageChain(error)}`);
    return undefined;
  }
}
