import { type ByteReader, byteReaderFromIterable } from "../../src/rpc/byte-reader.ts";

const LINE_LIMIT_BYTES = 1 << 20;

/** A reader that knows how far it has come. */
export class CountingReader {
  /** Bytes read so far. */
  offset = 0;
  readonly #reader: ByteReader;

  constructor(reader: ByteReader) {
    this.#reader = reader;
  }

  /** Of something that was recorded. */
  static of(bytes: Uint8Array): CountingReader {
    return new CountingReader(byteReaderFromIterable([bytes]));
  }

  async line(): Promise<string> {
    const line = await this.#reader.readLine(LINE_LIMIT_BYTES);
    this.offset += Buffer.byteLength(line) + 1;
    return line;
  }

  async bytes(count: number): Promise<Buffer> {
    const bytes = await this.#reader.readExactly(count);
    this.offset += count;
    return Buffer.from(bytes);
  }

  /** Waits for more or for the end. */
  atEnd(): Promise<boolean> {
    return this.#reader.atEnd();
  }

  /** At least one byte; undefined at the end. */
  async some(): Promise<Buffer | undefined> {
    const bytes = await this.#reader.readSome(1 << 16);
    this.offset += bytes?.length ?? 0;
    return bytes && Buffer.from(bytes);
  }

  /** Everything to the end. */
  async rest(): Promise<Buffer> {
    const parts: Buffer[] = [];
    for (let part = await this.some(); part !== undefined; part = await this.some()) parts.push(part);
    return Buffer.concat(parts);
  }
}
