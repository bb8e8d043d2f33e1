import type { Socket } from "node:dgram";
import { InstallerError, messageChain } from "../../core/errors.ts";
import type { Logger } from "../../core/logger.ts";
import type { Sockets } from "../../system/sockets.ts";
import { DatagramQueue } from "../datagram-queue.ts";
import { CLIENT_PORT, encodeDhcpFrame, parseDhcpFrame, SERVER_PORT } from "./frame.ts";

const BROADCAST = "255.255.255.255";
/** Who sent a message does not matter: servers say who they are in option 54. */
const ANYBODY = { address: "", port: SERVER_PORT } as const;

/** One interface's way to the DHCP servers on its wire. Disposing closes the socket. */
export interface DhcpTransport extends AsyncDisposable {
  /** Broadcasts a message to all servers. System errors as they are. */
  send(message: Uint8Array): Promise<void>;
  /** The next datagram that arrived, in order; rejects when `signal` aborts or the socket fails. */
  receive(signal: AbortSignal): Promise<Buffer>;
}

/** The way to servers of a machine that has its address already. */
export interface BoundDhcpTransport extends DhcpTransport {
  /** Sends to one server. System errors as they are. */
  sendTo(address: string, message: Uint8Array): Promise<void>;
}

/**
 * For a machine without an address: a packet socket, since some servers send their answers to the address that they
 * offer, in spite of the broadcast flag, and the kernel has no such address. Where that cannot be opened, UDP.
 */
export async function openDhcpTransport(
  sockets: Sockets,
  interfaceName: string,
  log: Logger,
): Promise<DhcpTransport> {
  try {
    return await openPacketTransport(sockets, interfaceName);
  } catch (error) {
    log.debug(
      1,
      `${interfaceName}: no packet socket, hearing broadcast answers only: ${messageChain(error)}`,
    );
    return openBoundDhcpTransport(sockets, interfaceName);
  }
}

/** UDP between port 68 of one interface and the servers. */
export async function openBoundDhcpTransport(
  sockets: Pick<Sockets, "openUdpOnInterface">,
  interfaceName: string,
): Promise<BoundDhcpTransport> {
  const socket = await sockets.openUdpOnInterface(interfaceName, CLIENT_PORT);
  const queue = new DatagramQueue();
  socket.on("message", (data, sender) => queue.push({ data, address: sender.address, port: sender.port }));
  socket.on("error", (error) => queue.fail(error));
  return {
    send: (message) => sendUdp(socket, BROADCAST, message),
    sendTo: (address, message) => sendUdp(socket, address, message),
    receive: async (signal) => (await queue.next(signal)).data,
    [Symbol.asyncDispose]: () =>
      new Promise((resolve) => {
        queue.fail(closed());
        socket.close(() => resolve());
      }),
  };
}

async function openPacketTransport(sockets: Sockets, interfaceName: string): Promise<DhcpTransport> {
  const queue = new DatagramQueue();
  const socket = await sockets.openPacketsOnInterface(interfaceName, CLIENT_PORT, {
    onPacket: (packet) => {
      const data = parseDhcpFrame(packet);
      if (data !== undefined) queue.push({ data, ...ANYBODY });
    },
    onError: (error) => queue.fail(error),
  });
  return {
    send: async (message) => socket.broadcast(encodeDhcpFrame(message)),
    receive: async (signal) => (await queue.next(signal)).data,
    async [Symbol.asyncDispose]() {
      queue.fail(closed());
      socket.close();
    },
  };
}

function sendUdp(socket: Socket, address: string, message: Uint8Array): Promise<void> {
  return new Promise((resolve, reject) => {
    socket.send(message, SERVER_PORT, address, (error) => (error ? reject(error) : resolve()));
  });
}

function closed(): InstallerError {
  return new InstallerError("E_CANCELLED", "the DHCP socket was closed");
}
