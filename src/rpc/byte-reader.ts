import type { Readable } from "node:stream";
import { InstallerError } from "../core/errors.ts";

const NEWLINE = 0x0a;
const NO_BYTES = new Uint8Array(0);

/**
 * Buffered reading from a stream of bytes that is lines, gob messages and raw data in turn.
 *
 * No method consumes more of the logical stream than it returns; what arrived early stays buffered for the next call.
 * Nothing is requested from the source before it is needed, so back-pressure reaches the sender. One call at a time.
 * Slices that are returned alias received chunks: they are never overwritten, but must not be changed. Only a slice
 * that is all of its buffer may be given away, to another thread for instance.
 * Errors of the source pass through as they are; an end in the middle of what was asked for is E_STREAM_ENDED.
 */
export class ByteReader {
  readonly #source: AsyncIterator<Uint8Array>;
  #chunk: Uint8Array = NO_BYTES;
  #offset = 0;
  #ended = false;

  constructor(source: AsyncIterator<Uint8Array>) {
    this.#source = source;
  }

  /** Bytes that arrived but were not read yet. */
  get bufferedBytes(): number {
    return this.#chunk.length - this.#offset;
  }

  /** Waits for a byte or the end of the stream; true at the end. Consumes nothing. */
  async atEnd(): Promise<boolean> {
    return !(await this.#fill());
  }

  async readByte(): Promise<number> {
    if (this.bufferedBytes === 0) await this.#fillOrFail("a byte");
    return this.#chunk[this.#offset++] ?? 0;
  }

  /** Memory grows with what arrives, not with `lengthBytes`. */
  async readExactly(lengthBytes: number): Promise<Uint8Array> {
    if (lengthBytes > 0) await this.#fillOrFail(`${lengthBytes} bytes`);
    if (lengthBytes <= this.bufferedBytes) return this.#take(lengthBytes);
    const parts: Uint8Array[] = [];
    for (let missing = lengthBytes; missing > 0; ) {
      await this.#fillOrFail(`${missing} more bytes of ${lengthBytes}`);
      const part = this.#take(Math.min(missing, this.bufferedBytes));
      parts.push(part);
      missing -= part.length;
    }
    return Buffer.concat(parts, lengthBytes);
  }

  /** The next `lengthBytes` if all of them have arrived: for many small reads, which a promise each would slow down. */
  take(lengthBytes: number): Uint8Array | undefined {
    return lengthBytes <= this.bufferedBytes ? this.#take(lengthBytes) : undefined;
  }

  /** At least one byte and at most `maxBytes`, whatever is at hand, without copying; undefined at the end. */
  async readSome(maxBytes: number): Promise<Uint8Array | undefined> {
    if (!(await this.#fill())) return undefined;
    return this.#take(Math.min(maxBytes, this.bufferedBytes));
  }

  /**
   * The text (UTF-8) up to the next line feed, which is consumed and not returned; a carriage return stays.
   * Rejects with E_LINE_TOO_LONG when there is no line feed within the first `limitBytes` + 1 bytes.
   */
  async readLine(limitBytes: number): Promise<string> {
    const parts: Uint8Array[] = [];
    for (let lengthBytes = 0; ; ) {
      await this.#fillOrFail("the end of a line");
      const newline = this.#chunk.indexOf(NEWLINE, this.#offset);
      const part = this.#take(newline < 0 ? this.bufferedBytes : newline - this.#offset);
      parts.push(part);
      lengthBytes += part.length;
      if (lengthBytes > limitBytes)
        throw new InstallerError("E_LINE_TOO_LONG", `reading a line of at most ${limitBytes} bytes`);
      if (newline < 0) continue;
      this.#offset += 1;
      return Buffer.concat(parts, lengthBytes).toString("utf8");
    }
  }

  /** Hands out everything buffered, possibly nothing, for whoever reads the source from now on (a TLS layer). */
  takeBuffered(): Uint8Array {
    return this.#take(this.bufferedBytes);
  }

  /** Lets go of the source without closing it. Not while a read is pending. */
  async release(): Promise<void> {
    this.#ended = true;
    await this.#source.return?.();
  }

  #take(lengthBytes: number): Uint8Array {
    const start = this.#offset;
    const end = start + lengthBytes;
    const part = this.#chunk.subarray(start, end);
    this.#offset = end;
    // Nothing of a chunk that went out whole is kept: its new owner may move the memory to another thread.
    if (end === this.#chunk.length) this.#drop();
    return part;
  }

  #drop(): void {
    this.#chunk = NO_BYTES;
    this.#offset = 0;
  }

  /** True when at least one byte is buffered afterwards, false at the end of the stream. */
  async #fill(): Promise<boolean> {
    while (this.bufferedBytes === 0) {
      if (this.#ended) return false;
      const next = await this.#source.next();
      if (next.done === true) {
        this.#ended = true;
        return false;
      }
      this.#chunk = next.value;
      this.#offset = 0;
    }
    return true;
  }

  async #fillOrFail(wanted: string): Promise<void> {
    if (!(await this.#fill()))
      throw new InstallerError("E_STREAM_ENDED", `waiting for ${wanted} when the connection ended`);
  }
}

/** Reads what `source` yields. */
export function byteReaderFromIterable(source: AsyncIterable<Uint8Array> | Iterable<Uint8Array>): ByteReader {
  return new ByteReader(iterate(source));
}

/**
 * Reads a socket or other byte stream, whose closing remains the caller's business. A stream destroyed before its end
 * surfaces as the error it was destroyed with, or as ERR_STREAM_PREMATURE_CLOSE.
 */
export function byteReaderFromStream(stream: Readable): ByteReader {
  return new ByteReader(stream.iterator({ destroyOnReturn: false }) as AsyncIterator<Uint8Array>);
}

async function* iterate(
  source: AsyncIterable<Uint8Array> | Iterable<Uint8Array>,
): AsyncGenerator<Uint8Array, undefined> {
  yield* source;
}
