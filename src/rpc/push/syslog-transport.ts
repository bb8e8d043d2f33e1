import { createSocket, type Socket as UdpSocket } from "node:dgram";
import { lookup } from "node:dns/promises";
import { once } from "node:events";
import { connect, type Socket } from "node:net";
import { systemError } from "../../system/system-error.ts";
import type { SyslogTarget } from "./syslog-target.ts";

/** Takes messages to a log server, one after the other. */
export interface SyslogTransport extends Disposable {
  /** Resolves when the message has left, as far as that can be known. Rejects with a system error. */
  send(message: Buffer, signal: AbortSignal): Promise<void>;
  /** The longest message that it takes. */
  readonly limitBytes: number;
}

/** RFC 5426 section 3.2: what receivers should take, and what fits a path of common size in a few pieces. */
const UDP_LIMIT_BYTES = 2_048;
const TCP_LIMIT_BYTES = 8_192;
const CONNECT_TIMEOUT_MS = 10_000;
/** A server that takes nothing for so long is given up. */
const WRITE_TIMEOUT_MS = 30_000;
const KEEP_ALIVE_MS = 30_000;

/** The transport for `target`; it connects when something is to be sent, and again after a failure. */
export function createSyslogTransport(target: SyslogTarget): SyslogTransport {
  return target.transport === "udp" ? new UdpTransport(target) : new TcpTransport(target);
}

/** Where datagrams go, found out when the first one leaves, and again after a failure. */
interface UdpDestination {
  readonly socket: UdpSocket;
  readonly address: string;
}

/** A message a datagram (RFC 5426). */
class UdpTransport implements SyslogTransport {
  readonly limitBytes = UDP_LIMIT_BYTES;
  readonly #target: SyslogTarget;
  #destination: UdpDestination | undefined;

  constructor(target: SyslogTarget) {
    this.#target = target;
  }

  async send(message: Buffer): Promise<void> {
    this.#destination ??= await this.#open();
    const { socket, address } = this.#destination;
    try {
      await new Promise<void>((resolve, reject) => {
        socket.send(message, this.#target.port, address, (error) => {
          if (error === null) resolve();
          else reject(error);
        });
      });
    } catch (error) {
      this[Symbol.dispose]();
      throw error;
    }
  }

  [Symbol.dispose](): void {
    this.#destination?.socket.close();
    this.#destination = undefined;
  }

  async #open(): Promise<UdpDestination> {
    const { address, family } = await lookup(this.#target.host);
    const socket = createSocket({ type: family === 6 ? "udp6" : "udp4" });
    // Such as a port that is not open: nobody can help, and the next message tries again.
    socket.on("error", () => undefined);
    socket.unref();
    return { socket, address };
  }
}

/** Messages with their length before them on one connection (RFC 6587 section 3.4.1). */
class TcpTransport implements SyslogTransport {
  readonly limitBytes = TCP_LIMIT_BYTES;
  readonly #target: SyslogTarget;
  #socket: Socket | undefined;

  constructor(target: SyslogTarget) {
    this.#target = target;
  }

  async send(message: Buffer, signal: AbortSignal): Promise<void> {
    const socket = await this.#connected(signal);
    const limit = AbortSignal.any([signal, AbortSignal.timeout(WRITE_TIMEOUT_MS)]);
    try {
      await written(socket, Buffer.concat([Buffer.from(`${message.length} `), message]), limit);
    } catch (error) {
      socket.destroy();
      throw error;
    }
  }

  [Symbol.dispose](): void {
    this.#socket?.destroy();
    this.#socket = undefined;
  }

  async #connected(signal: AbortSignal): Promise<Socket> {
    if (this.#socket !== undefined && this.#socket.writable) return this.#socket;
    const { host, port } = this.#target;
    const socket = connect({
      host,
      port,
      keepAlive: true,
      keepAliveInitialDelay: KEEP_ALIVE_MS,
      noDelay: true,
    });
    socket.on("error", () => undefined);
    // Log servers say nothing; reading is how the end of the connection is noticed.
    socket.resume();
    socket.once("end", () => socket.destroy());
    try {
      await once(socket, "connect", {
        signal: AbortSignal.any([signal, AbortSignal.timeout(CONNECT_TIMEOUT_MS)]),
      });
    } catch (error) {
      socket.destroy();
      throw error;
    }
    this.#socket = socket;
    return socket;
  }
}

/** Resolves when the kernel has taken the bytes. */
async function written(socket: Socket, bytes: Buffer, signal: AbortSignal): Promise<void> {
  await new Promise<void>((resolve, reject) => {
    const fail = (): void => reject(systemError("EPIPE", "write"));
    const onAbort = (): void => reject(systemError("ETIMEDOUT", "write"));
    const settle = (): void => {
      socket.off("close", fail);
      signal.removeEventListener("abort", onAbort);
    };
    socket.once("close", fail);
    signal.addEventListener("abort", onAbort, { once: true });
    socket.write(bytes, (error) => {
      settle();
      if (error) reject(error);
      else resolve();
    });
  });
}
