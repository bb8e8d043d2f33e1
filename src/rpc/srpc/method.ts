import { hasCode, InstallerError, messageChain } from "../../core/errors.ts";
import type { Logger } from "../../core/logger.ts";
import type { ByteReader } from "../byte-reader.ts";
import type { Channel } from "../channel.ts";
import type { Schema } from "../gob/schema.ts";
import type { Identity } from "./access.ts";
import { type Coder, type CoderName, makeCoder } from "./coder.ts";

/** Who calls, and how. */
export interface CallContext {
  readonly identity: Identity;
  /** False: allowed only because the method is public; then ownership decides what may be done. */
  readonly hasMethodAccess: boolean;
  /** `address:port` of the caller. */
  readonly peer: string;
  /** Aborted when the connection ends. */
  readonly signal: AbortSignal;
  readonly log: Logger;
}

/** A method that a server offers. Made by `streamMethod` or `requestReplyMethod`. */
export interface Method {
  /** `Service.Method`. */
  readonly name: string;
  /** Anybody with a user name may call it. */
  readonly isPublic: boolean;
  /** Anybody at all may call it. */
  readonly isUnauthenticated: boolean;
  /** Most bytes of a value that a caller may send. */
  readonly requestLimitBytes: number;
  /** Everything after the acknowledgement. A rejection ends the connection. */
  serve(call: ServerCall, context: CallContext): Promise<void>;
}

interface MethodOptions {
  readonly name: string;
  readonly isPublic?: boolean;
  readonly isUnauthenticated?: boolean;
  /** Default: room for the ids of half a million objects. */
  readonly requestLimitBytes?: number;
}

const DEFAULT_REQUEST_LIMIT_BYTES = 64 * 1024 * 1024;
/** What comes before a reply. */
const ACCEPTED = Buffer.from("\n");
/** Replies up to this size leave in one piece with what comes before them. */
const SMALL_REPLY_BYTES = 64 * 1024;
/** Longest error line sent. */
const ERROR_LINE_LIMIT = 4096;

/** A method with a free-form conversation, raw or coded (the two stream styles of spec/srpc.md section 5.3). */
export function streamMethod(
  options: MethodOptions & { readonly run: (call: ServerCall, context: CallContext) => Promise<void> },
): Method {
  return { ...methodFacts(options), serve: options.run };
}

/** A method of one request and one reply; what `run` rejects with becomes the error line. */
export function requestReplyMethod<Request, Reply>(
  options: MethodOptions & {
    readonly requestSchema: Schema<Request>;
    readonly replySchema: Schema<Reply>;
    readonly run: (request: Request, context: CallContext) => Promise<Reply>;
  },
): Method {
  return encodedReplyMethod({
    ...options,
    run: async (request, context, call) =>
      call.encode(options.replySchema, await options.run(request, context)),
  });
}

/** As requestReplyMethod, for who has the reply in its encoded form: `call` tells the coder. */
export function encodedReplyMethod<Request>(
  options: MethodOptions & {
    readonly requestSchema: Schema<Request>;
    readonly run: (request: Request, context: CallContext, call: ServerCall) => Promise<Uint8Array>;
  },
): Method {
  return {
    ...methodFacts(options),
    serve: async (call, context) => {
      let reply: Uint8Array;
      try {
        reply = await options.run(await call.receive(options.requestSchema), context, call);
      } catch (error) {
        if (hasCode(error, "E_STREAM_ENDED", "E_CONNECTION_LOST", "E_CONNECTION_TIMEOUT")) throw error;
        if (!(error instanceof InstallerError))
          context.log.error(`${options.name} failed`, { peer: context.peer, reason: messageChain(error) });
        await call.write(`${formatErrorLine(error)}\n`);
        return;
      }
      if (reply.length <= SMALL_REPLY_BYTES) {
        await call.write(Buffer.concat([ACCEPTED, reply]));
        return;
      }
      await call.write(ACCEPTED);
      await call.write(reply);
    },
  };
}

/** The text for a caller: one line, never empty; the details of our own defects stay in the log. */
export function formatErrorLine(error: unknown): string {
  if (!(error instanceof InstallerError)) return "internal error";
  const text = toLine(messageChain(error)).trim();
  return text === "" ? error.code : text;
}

/** `text` without line ends and of bounded length. */
export function toLine(text: string): string {
  return text.slice(0, ERROR_LINE_LIMIT).replace(/[\r\n]+/g, " ");
}

/** The server's side of a call: reader, writer and a coder of its own (spec/srpc.md section 5.5). */
export class ServerCall {
  readonly #channel: Channel;
  readonly #coder: Coder;
  /** Of this connection. */
  readonly coderName: CoderName;

  constructor(channel: Channel, coder: CoderName, requestLimitBytes: number) {
    this.#channel = channel;
    this.coderName = coder;
    this.#coder = makeCoder(coder, channel.reader, requestLimitBytes);
  }

  /** What the caller sends; shared with `receive`. */
  get reader(): ByteReader {
    return this.#channel.reader;
  }

  /** Resolves when the caller has room for more. */
  async write(bytes: Uint8Array | string): Promise<void> {
    await this.#channel.write(bytes);
  }

  encode<T>(schema: Schema<T>, value: NoInfer<T>): Uint8Array {
    return this.#coder.encode(schema, value);
  }

  async send<T>(schema: Schema<T>, value: NoInfer<T>): Promise<void> {
    await this.#channel.write(this.#coder.encode(schema, value));
  }

  receive<T>(schema: Schema<T>): Promise<T> {
    return this.#coder.decode(schema);
  }

  /** How long `reader` waits for the caller; 0: for ever. Reset before the next call. */
  setReadTimeout(timeoutMs: number): void {
    this.#channel.readTimeoutMs = timeoutMs;
  }

  /** How long to wait for a caller that takes nothing; 0: for ever. Holds for the rest of the connection. */
  setWriteTimeout(timeoutMs: number): void {
    this.#channel.writeTimeoutMs = timeoutMs;
  }

  /** Closes the connection when everything written has left: for calls that have no other end. */
  endConnection(): void {
    this.#channel.end();
  }

  /** Drops the connection; what waits for the caller rejects with `error`. */
  dropConnection(error: Error): void {
    this.#channel.destroy(error);
  }
}

function methodFacts(options: MethodOptions): Omit<Method, "serve"> {
  return {
    name: options.name,
    isPublic: options.isPublic ?? false,
    isUnauthenticated: options.isUnauthenticated ?? false,
    requestLimitBytes: options.requestLimitBytes ?? DEFAULT_REQUEST_LIMIT_BYTES,
  };
}
