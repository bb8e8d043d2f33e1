import { hasCode, InstallerError, toError } from "../../core/errors.ts";
import type { ByteReader } from "../byte-reader.ts";
import { corrupt, overLimit } from "./errors.ts";
import { DEFAULT_GOB_LIMITS, type GobLimits } from "./limits.ts";
import { MessageCursor, uintWidth } from "./message-cursor.ts";
import type { Decoding } from "./plan.ts";
import { ReceivePlans } from "./receive-plans.ts";
import type { Schema, SchemaNode } from "./schema.ts";
import { SkipPlans } from "./skip-plans.ts";
import { WireTypes } from "./wire-types.ts";

/**
 * Reads the values of one gob stream (one direction of one call) from a connection. Never consumes a byte behind the
 * last message of a value: raw data may follow there.
 *
 * Rejects with E_GOB_CORRUPT, E_GOB_TYPE, E_GOB_LIMIT, or E_GOB_EOF when the stream ends before the value does; a
 * stream that failed once repeats that error. Errors of the connection pass through.
 */
export class GobDecoder {
  readonly #reader: ByteReader;
  readonly #stream: ValueStream;

  constructor(reader: ByteReader, limits: Partial<GobLimits> = {}) {
    this.#reader = reader;
    this.#stream = new ValueStream({ ...DEFAULT_GOB_LIMITS, ...limits });
  }

  async decode<T>(schema: Schema<T>): Promise<T> {
    const decoding = this.#stream.startValue(schema);
    try {
      let step = decoding.next();
      while (step.done !== true) step = decoding.next(await this.#readMessage());
      return step.value as T;
    } catch (error) {
      throw this.#stream.fail(endOfStream(error));
    }
  }

  async #readMessage(): Promise<Uint8Array> {
    const first = await this.#reader.readByte();
    const rest = first < 128 ? undefined : await this.#reader.readExactly(uintWidth(first));
    const length = rest === undefined ? first : parseUint(rest);
    return this.#reader.readExactly(checkMessageLength(length, this.#stream.limits));
  }
}

/** Reads the values of a gob stream that is in memory already; without a wait, and otherwise like GobDecoder. */
export class GobBufferDecoder {
  readonly #bytes: Uint8Array;
  readonly #stream: ValueStream;
  #offset = 0;

  constructor(bytes: Uint8Array, limits: Partial<GobLimits> = {}) {
    this.#bytes = bytes;
    this.#stream = new ValueStream({ ...DEFAULT_GOB_LIMITS, ...limits });
  }

  /** How far the stream was consumed. */
  get offset(): number {
    return this.#offset;
  }

  get atEnd(): boolean {
    return this.#offset === this.#bytes.length;
  }

  decode<T>(schema: Schema<T>): T {
    const decoding = this.#stream.startValue(schema);
    try {
      let step = decoding.next();
      while (step.done !== true) step = decoding.next(this.#readMessage());
      return step.value as T;
    } catch (error) {
      throw this.#stream.fail(error);
    }
  }

  #readMessage(): Uint8Array {
    const first = this.#take(1)[0] ?? 0;
    const length = first < 128 ? first : parseUint(this.#take(uintWidth(first)));
    return this.#take(checkMessageLength(length, this.#stream.limits));
  }

  #take(length: number): Uint8Array {
    const end = this.#offset + length;
    if (end > this.#bytes.length)
      throw new InstallerError(
        "E_GOB_EOF",
        `decoding gob: ${end - this.#bytes.length} bytes are missing at the end`,
      );
    const part = this.#bytes.subarray(this.#offset, end);
    this.#offset = end;
    return part;
  }
}

/** The single value of a stream that is in memory. */
export function decodeGob<T>(schema: Schema<T>, bytes: Uint8Array, limits: Partial<GobLimits> = {}): T {
  return new GobBufferDecoder(bytes, limits).decode(schema);
}

/** What both decoders share: the types known so far and the first failure. */
class ValueStream {
  readonly limits: GobLimits;
  readonly #types = new WireTypes();
  readonly #plans: ReceivePlans;
  readonly #cursor: MessageCursor;
  #failure: Error | undefined;

  constructor(limits: GobLimits) {
    this.limits = limits;
    this.#plans = new ReceivePlans(this.#types, new SkipPlans(this.#types));
    this.#cursor = new MessageCursor(limits);
  }

  startValue(schema: SchemaNode): Decoding {
    if (this.#failure !== undefined) throw this.#failure;
    this.#cursor.startValue();
    return this.#decodeValue(schema);
  }

  /** Remembers the first failure: what comes behind it cannot be told from noise. */
  fail(error: unknown): Error {
    this.#failure = toError(error);
    return this.#failure;
  }

  *#decodeValue(schema: SchemaNode): Decoding {
    for (;;) {
      this.#cursor.load(yield);
      const id = this.#cursor.readInt();
      if (id > 0) return yield* this.#plans.readDelimited(schema, id, this.#cursor);
      if (id === 0) throw corrupt("unknown type id or corrupted data (0)");
      this.#types.define(-id, this.#cursor);
      if (this.#cursor.remaining > 0) throw corrupt("extra data in buffer");
    }
  }
}

function parseUint(bytes: Uint8Array): number {
  return bytes.reduce((value, byte) => value * 256 + byte, 0);
}

function checkMessageLength(length: number, limits: GobLimits): number {
  if (length === 0) throw corrupt("a message of length 0");
  if (length > limits.messageBytes)
    throw overLimit(`invalid message length (${length}, more than ${limits.messageBytes})`);
  return length;
}

function endOfStream(error: unknown): unknown {
  if (!hasCode(error, "E_STREAM_ENDED")) return error;
  return new InstallerError("E_GOB_EOF", "decoding gob: the stream ended inside a value", { cause: error });
}
