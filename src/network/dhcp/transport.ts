import type { Socket } from "node:dgram";
import { InstallerError } from "../../core/errors.ts";
import { DatagramQueue } from "../datagram-queue.ts";

const SERVER_PORT = 67;
const BROADCAST = "255.255.255.255";

/** One interface's way to the DHCP servers on its wire. */
export interface DhcpTransport extends AsyncDisposable {
  /** Broadcasts a message to all servers. System errors as they are. */
  send(message: Uint8Array): Promise<void>;
  /** The next datagram that arrived, in order; rejects when `signal` aborts or the socket fails. */
  receive(signal: AbortSignal): Promise<Buffer>;
}

/** Wraps a socket made by `Sockets.openUdpOnInterface(name, 68)`; disposing closes it. */
export function makeDhcpTransport(socket: Socket): DhcpTransport {
  const queue = new DatagramQueue();
  socket.on("message", (data, sender) => queue.push({ data, address: sender.address, port: sender.port }));
  socket.on("error", (error) => queue.fail(error));
  return {
    send: (message) =>
      new Promise((resolve, reject) => {
        socket.send(message, SERVER_PORT, BROADCAST, (error) => (error ? reject(error) : resolve()));
      }),
    async receive(signal) {
      return (await queue.next(signal)).data;
    },
    [Symbol.asyncDispose]: () =>
      new Promise((resolve) => {
        queue.fail(new InstallerError("E_CANCELLED", "the DHCP socket was closed"));
        socket.close(() => resolve());
      }),
  };
}
