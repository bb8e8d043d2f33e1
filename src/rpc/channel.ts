import type { Socket } from "node:net";
import { setImmediate as nextTurn } from "node:timers/promises";
import { InstallerError } from "../core/errors.ts";
import { ByteReader } from "./byte-reader.ts";
import { connectionError } from "./connection-error.ts";

export interface ChannelOptions {
  /** For messages: who is at the other end. */
  readonly peer: string;
  /** How long to wait for the next byte; 0: for ever. */
  readonly readTimeoutMs: number;
  /** How long to wait for a peer that takes nothing; 0: for ever. */
  readonly writeTimeoutMs: number;
}

/**
 * A socket, clear or TLS, as a byte reader and a writer that both honour back-pressure and both have time limits.
 * Failures of the socket surface on reading and writing as InstallerErrors.
 */
export class Channel {
  readonly socket: Socket;
  readonly peer: string;
  readonly reader: ByteReader;
  /** May be changed between reads. */
  readTimeoutMs: number;
  /** May be changed between writes. */
  writeTimeoutMs: number;
  #hasEnded = false;
  #drained: Promise<void> | undefined;
  #failure: unknown;

  constructor(socket: Socket, options: ChannelOptions) {
    this.socket = socket;
    this.peer = options.peer;
    this.readTimeoutMs = options.readTimeoutMs;
    this.writeTimeoutMs = options.writeTimeoutMs;
    this.reader = new ByteReader(this.#chunks());
    // Errors between reads have no other listener; they are reported by the next read or write.
    socket.on("error", (error) => (this.#failure ??= error));
  }

  /** Resolves when there is room for more; what is written leaves at once. */
  async write(bytes: Uint8Array | string): Promise<void> {
    if (this.socket.destroyed) throw this.#explain(this.#failure ?? destroyedError());
    if (this.socket.write(bytes)) return;
    // One wait serves all writers, so that a crowd of them does not pile up listeners.
    this.#drained ??= this.#waitForDrain().finally(() => (this.#drained = undefined));
    await this.#drained;
  }

  /** Whether `end` was called: nothing more is to be read or written then. */
  get hasEnded(): boolean {
    return this.#hasEnded;
  }

  /** Closes the connection after everything written has left, at the latest when the time limit of a write is over. */
  end(): void {
    if (this.#hasEnded) return;
    this.#hasEnded = true;
    this.socket.destroySoon();
    if (this.socket.closed) return;
    const timer = this.#startTimer(this.writeTimeoutMs, `closing the connection to ${this.peer}`);
    this.socket.once("close", () => clearTimeout(timer));
  }

  /** Drops the connection; pending reads and writes reject with `error`. */
  destroy(error?: Error): void {
    this.#failure ??= error;
    this.socket.destroy(error);
  }

  /** Gives the socket to another reader, with the bytes that arrived early put back. Not while a read is pending. */
  async release(): Promise<Socket> {
    const early = this.reader.takeBuffered();
    await this.reader.release();
    if (early.length > 0) this.socket.unshift(early);
    return this.socket;
  }

  async #waitForDrain(): Promise<void> {
    const { promise, resolve, reject } = Promise.withResolvers<void>();
    const onClose = (): void => reject(this.#explain(this.#failure ?? destroyedError()));
    this.socket.once("drain", resolve);
    this.socket.once("close", onClose);
    const timer = this.#startTimer(this.writeTimeoutMs, `writing to ${this.peer}`);
    try {
      await promise;
    } finally {
      clearTimeout(timer);
      this.socket.off("drain", resolve);
      this.socket.off("close", onClose);
    }
  }

  async *#chunks(): AsyncGenerator<Uint8Array, undefined> {
    const iterator = this.socket.iterator({ destroyOnReturn: false });
    try {
      for (;;) {
        const next = await this.#nextChunk(iterator);
        if (next === undefined) return undefined;
        yield next;
      }
    } finally {
      await iterator.return?.();
    }
  }

  async #nextChunk(iterator: AsyncIterator<unknown>): Promise<Uint8Array | undefined> {
    const timer = this.#startTimer(this.readTimeoutMs, `reading from ${this.peer}`);
    try {
      // What arrives in one turn of the event loop comes as one chunk, in however many TLS records it was sent.
      await nextTurn();
      const next = await iterator.next();
      return next.done === true ? undefined : (next.value as Uint8Array);
    } catch (error) {
      throw this.#explain(error);
    } finally {
      clearTimeout(timer);
    }
  }

  #startTimer(timeoutMs: number, attempt: string): NodeJS.Timeout | undefined {
    if (timeoutMs <= 0) return undefined;
    return setTimeout(() => this.destroy(timeoutError(attempt, timeoutMs)), timeoutMs);
  }

  #explain(error: unknown): Error {
    return connectionError(error, `talking to ${this.peer}`);
  }
}

/** E_CONNECTION_TIMEOUT for something that took longer than it may. */
export function timeoutError(attempt: string, timeoutMs: number): InstallerError {
  return new InstallerError("E_CONNECTION_TIMEOUT", `${attempt}: no answer within ${timeoutMs / 1000} s`);
}

function destroyedError(): Error {
  return Object.assign(new Error("the connection is closed"), { code: "ERR_STREAM_DESTROYED" });
}
