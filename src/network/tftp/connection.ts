import { createSocket, type Socket } from "node:dgram";
import { once } from "node:events";
import { toError } from "../../core/errors.ts";
import type { Clock } from "../../system/power.ts";
import { DatagramQueue } from "../datagram-queue.ts";
import { withinTime } from "../deadline.ts";
import type { HostAddress } from "../host-address.ts";
import { encodeError, isErrorPacket, TFTP_ERROR } from "./packet.ts";

/** A buffer for several windows, so that a busy moment of ours costs no packets. */
const RECEIVE_BUFFER_BYTES = 256 * 1024;

/** A socket of its own for one transfer (RFC 1350 section 4); disposing closes it. */
export async function openTftpConnection(
  server: HostAddress,
  requestPort: number,
  clock: Clock,
): Promise<TftpConnection> {
  const socket = createSocket({
    type: server.family === 6 ? "udp6" : "udp4",
    recvBufferSize: RECEIVE_BUFFER_BYTES,
  });
  socket.bind(0);
  await once(socket, "listening");
  return new TftpConnection(socket, server, requestPort, clock);
}

/** Talks to one server; whoever else sends to our port is refused or ignored, and changes nothing. */
export class TftpConnection implements AsyncDisposable {
  readonly #socket: Socket;
  readonly #server: HostAddress;
  readonly #requestPort: number;
  readonly #clock: Clock;
  readonly #queue = new DatagramQueue();
  /** The port that the server chose for this transfer, once it has answered. */
  #transferPort: number | undefined;
  #sendFailure: Error | undefined;

  constructor(socket: Socket, server: HostAddress, requestPort: number, clock: Clock) {
    this.#socket = socket;
    this.#server = server;
    this.#requestPort = requestPort;
    this.#clock = clock;
    socket.on("message", (data, sender) =>
      this.#queue.push({ data, address: sender.address, port: sender.port }),
    );
    socket.on("error", (error) => this.#queue.fail(error));
  }

  /** Why the latest packet could not be sent: to the protocol a lost packet, to the operator an explanation. */
  get sendFailure(): Error | undefined {
    return this.#sendFailure;
  }

  /** Sends to the port of the transfer, or, a request, to the well-known one; then any port may answer. */
  async send(packet: Buffer, isRequest: boolean): Promise<void> {
    if (isRequest) this.#transferPort = undefined;
    await this.#sendTo(packet, this.#transferPort ?? this.#requestPort);
  }

  /** The next packet of the server; undefined after `silenceMs` without one. */
  next(silenceMs: number, signal: AbortSignal): Promise<Buffer | undefined> {
    return withinTime(this.#clock, silenceMs, signal, async (either) => {
      for (;;) {
        const { address, port, data } = await this.#queue.next(either);
        if (address !== this.#server.address) continue;
        this.#transferPort ??= port;
        if (port === this.#transferPort) return data;
        // RFC 1350 section 4. It may be the answer to a repeated request; errors are not answered by errors.
        if (!isErrorPacket(data))
          await this.#sendTo(encodeError(TFTP_ERROR.unknownTransfer, "unknown transfer"), port);
      }
    });
  }

  [Symbol.asyncDispose](): Promise<void> {
    return new Promise((resolve) => {
      this.#socket.close(() => resolve());
    });
  }

  #sendTo(packet: Buffer, port: number): Promise<void> {
    return new Promise((resolve) => {
      this.#socket.send(packet, port, this.#server.address, (error) => {
        this.#sendFailure = error ? toError(error) : undefined;
        resolve();
      });
    });
  }
}
