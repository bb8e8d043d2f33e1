import { hasCode, InstallerError } from "../../core/errors.ts";
import type { Channel } from "../channel.ts";
import { connectionError } from "../connection-error.ts";
import { GobDecoder } from "../gob/decoder.ts";
import { GobEncoder } from "../gob/encoder.ts";
import type { Schema } from "../gob/schema.ts";
import { certificateRefused, type DialOptions, dial } from "./dial.ts";

/** Longest acknowledgement or error text that a server may send. */
const LINE_LIMIT_BYTES = 64 * 1024;
/** The only refusal that clients tell from others (spec/srpc.md section 5.2). */
const ACCESS_DENIED_TEXT = "access to method denied";

/**
 * Connects to an SRPC server. Rejects with E_CONNECTION_REFUSED, E_CONNECTION_TIMEOUT, E_HOST_UNREACHABLE,
 * E_HOST_UNKNOWN, E_SRPC_NO_ENDPOINT, E_SRPC_PROTOCOL, E_TLS_CERTIFICATE_MISSING, E_TLS_CERTIFICATE_REFUSED or
 * E_TLS_HANDSHAKE; isTransientConnectionError tells which are worth another attempt. A server that speaks TLS 1.3
 * judges our certificate after that, so the first call may reject with E_TLS_CERTIFICATE_REFUSED as well.
 */
export async function connectSrpc(options: DialOptions, signal: AbortSignal): Promise<SrpcConnection> {
  const { channel, isSecure } = await dial(options, signal);
  return new SrpcConnection(channel, { isSecure, refused: (cause) => certificateRefused(options, cause) });
}

interface ConnectionFacts {
  readonly isSecure: boolean;
  readonly refused: (cause: unknown) => InstallerError;
}

/** A request and what comes back, for methods of that style (spec/srpc.md section 5.3). */
export interface Exchange<Request, Reply> {
  readonly method: string;
  readonly requestSchema: Schema<Request>;
  readonly request: Request;
  readonly replySchema: Schema<Reply>;
}

/** One connection; calls queue up and run one at a time. A failure in the middle of a call ends the connection. */
export class SrpcConnection implements AsyncDisposable {
  readonly #channel: Channel;
  readonly #facts: ConnectionFacts;
  /** Settles when the latest call has ended. */
  #turn: Promise<void> = Promise.resolve();
  #hasHeardServer = false;

  constructor(channel: Channel, facts: ConnectionFacts) {
    this.#channel = channel;
    this.#facts = facts;
  }

  get isSecure(): boolean {
    return this.#facts.isSecure;
  }

  /** `host:port` of the server. */
  get peer(): string {
    return this.#channel.peer;
  }

  /**
   * Starts `method` (`Service.Method`) once the calls before it have ended; resolves when the server has accepted it.
   * Rejects with E_SRPC_ACCESS_DENIED or E_SRPC_CALL_FAILED, after which the connection remains usable.
   */
  async openCall(method: string, signal: AbortSignal): Promise<Call> {
    const { promise: ended, resolve: end } = Promise.withResolvers<void>();
    const previous = this.#turn;
    this.#turn = ended;
    await previous;
    if (signal.aborted) {
      end();
      throw signal.reason;
    }
    const call = new Call(this.#channel, method, signal, end);
    try {
      await this.#channel.write(`${method}\n`);
      await call.readStatus();
      this.#hasHeardServer = true;
      return call;
    } catch (error) {
      if (isAnswer(error)) this.#hasHeardServer = true;
      await call[Symbol.asyncDispose]();
      throw signal.aborted ? signal.reason : this.#explain(error);
    }
  }

  /** One request, one reply. Rejects as `openCall` does. */
  async requestReply<Request, Reply>(
    exchange: Exchange<Request, Reply>,
    signal: AbortSignal,
  ): Promise<Reply> {
    await using call = await this.openCall(exchange.method, signal);
    await call.send(exchange.requestSchema, exchange.request);
    await call.readStatus();
    const reply = await call.receive(exchange.replySchema);
    call.finish();
    return reply;
  }

  /** Ends the connection; a call that is under way fails. */
  close(): void {
    this.#channel.destroy();
  }

  [Symbol.asyncDispose](): Promise<void> {
    this.close();
    return Promise.resolve();
  }

  /** A server that drops a TLS connection without a word has most likely not liked our certificate. */
  #explain(error: unknown): unknown {
    const isSilent = this.#facts.isSecure && !this.#hasHeardServer;
    return isSilent && hasCode(error, "E_CONNECTION_LOST", "E_TLS_CERTIFICATE_REFUSED")
      ? this.#facts.refused(error)
      : error;
  }
}

/**
 * A call under way. Whoever opened it reads the whole response and then calls `finish`; a call disposed of before
 * that takes the connection with it, because nobody knows where the next response would begin.
 */
export class Call implements AsyncDisposable {
  readonly method: string;
  readonly #channel: Channel;
  readonly #signal: AbortSignal;
  readonly #end: () => void;
  readonly #onAbort: () => void;
  readonly #encoder = new GobEncoder();
  readonly #decoder: GobDecoder;
  #isOver = false;

  constructor(channel: Channel, method: string, signal: AbortSignal, end: () => void) {
    this.#channel = channel;
    this.method = method;
    this.#signal = signal;
    this.#end = end;
    this.#decoder = new GobDecoder(channel.reader);
    this.#onAbort = () => channel.destroy(signal.reason as Error);
    signal.addEventListener("abort", this.#onAbort);
  }

  /** A line of the response, without its end. */
  readLine(limitBytes: number): Promise<string> {
    return this.#guard(this.#channel.reader.readLine(limitBytes));
  }

  /** Raw data of the response: at least one byte and at most `maxBytes`, without copying. */
  async readSome(maxBytes: number): Promise<Uint8Array> {
    const bytes = await this.#guard(this.#channel.reader.readSome(maxBytes));
    return (
      bytes ?? this.#fail(new InstallerError("E_STREAM_ENDED", "waiting for data when the connection ended"))
    );
  }

  /** Raw data of the response, all of it or undefined when it has not arrived. */
  take(lengthBytes: number): Uint8Array | undefined {
    return this.#channel.reader.take(lengthBytes);
  }

  /** Raw data of the response. */
  readExactly(lengthBytes: number): Promise<Uint8Array> {
    return this.#guard(this.#channel.reader.readExactly(lengthBytes));
  }

  async write(bytes: Uint8Array | string): Promise<void> {
    await this.#channel.write(bytes);
  }

  /** One gob value; definitions travel once a call. */
  async send<T>(schema: Schema<T>, value: T): Promise<void> {
    await this.#channel.write(this.#encoder.encode(schema, value));
  }

  receive<T>(schema: Schema<T>): Promise<T> {
    return this.#guard(this.#decoder.decode(schema));
  }

  /**
   * Reads a status line: empty, or the server's reason for refusing (E_SRPC_ACCESS_DENIED, E_SRPC_CALL_FAILED), after
   * which the call is over.
   */
  async readStatus(): Promise<void> {
    const line = await this.readLine(LINE_LIMIT_BYTES);
    if (line === "") return;
    this.finish();
    const code = line === ACCESS_DENIED_TEXT ? "E_SRPC_ACCESS_DENIED" : "E_SRPC_CALL_FAILED";
    throw new InstallerError(code, `calling ${this.method} of ${this.#channel.peer}: ${toPrintable(line)}`);
  }

  /** The response was read to its last byte: the connection is free for the next call. */
  finish(): void {
    if (this.#isOver) return;
    this.#isOver = true;
    this.#signal.removeEventListener("abort", this.#onAbort);
    this.#end();
  }

  async [Symbol.asyncDispose](): Promise<void> {
    if (!this.#isOver) this.#channel.destroy();
    this.finish();
  }

  async #guard<T>(read: Promise<T>): Promise<T> {
    try {
      return await read;
    } catch (error) {
      return this.#fail(error);
    }
  }

  /** Nobody knows where the next response would begin, so the connection goes. */
  #fail(error: unknown): never {
    this.#channel.destroy();
    this.finish();
    if (this.#signal.aborted) throw this.#signal.reason;
    throw connectionError(error, `calling ${this.method} of ${this.#channel.peer}`);
  }
}

/** Text of a peer, for a message: no control characters, not endless. */
function toPrintable(text: string): string {
  return text.slice(0, 1000).replace(/\p{Cc}/gu, "?");
}

/** The server spoke, if only to refuse. */
function isAnswer(error: unknown): boolean {
  return hasCode(error, "E_SRPC_ACCESS_DENIED", "E_SRPC_CALL_FAILED");
}
