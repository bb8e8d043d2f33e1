import { corrupt, overLimit, wrongType } from "./errors.ts";
import type { GobLimits } from "./limits.ts";

const NO_BYTES = Buffer.alloc(0);
/** Up to 6 bytes always fit a number exactly. */
const MAX_NUMBER_WIDTH = 6;

/** Width in bytes of an unsigned integer that starts with `first` (>= 128); 9 and more are invalid. */
export function uintWidth(first: number): number {
  const width = 256 - first;
  if (width > 8) throw corrupt(`an encoded unsigned integer out of range (${width} bytes)`);
  return width;
}

/** Reads the basic kinds (spec/gob.md A1) from the current message of a value, and keeps the value's allowance. */
export class MessageCursor {
  readonly limits: GobLimits;
  /** The struct field being decoded, for messages. */
  field = "";
  #message: Buffer = NO_BYTES;
  #offset = 0;
  #valueBytes = 0;
  #depth = 0;
  #elements = 0;
  readonly #scratch = new DataView(new ArrayBuffer(8));

  constructor(limits: GobLimits) {
    this.limits = limits;
  }

  /** Forgets what the value before used up. */
  startValue(): void {
    this.field = "";
    this.#valueBytes = 0;
    this.#depth = 0;
    this.#elements = 0;
  }

  /** Goes on with the next message; what is left of the one before is dropped. */
  load(message: Uint8Array): void {
    this.#message = Buffer.from(message.buffer, message.byteOffset, message.byteLength);
    this.#offset = 0;
    this.#valueBytes += message.byteLength;
    if (this.#valueBytes > this.limits.valueBytes)
      throw overLimit(`a value of more than ${this.limits.valueBytes} bytes`);
  }

  get remaining(): number {
    return this.#message.length - this.#offset;
  }

  enter(): void {
    this.#depth += 1;
    if (this.#depth > this.limits.depth) throw overLimit(`a value nested deeper than ${this.limits.depth}`);
  }

  leave(): void {
    this.#depth -= 1;
  }

  /** To be called before each element: every element takes at least one byte. */
  startElement(): void {
    if (this.remaining === 0) throw corrupt(`more elements announced than present${this.#where()}`);
    this.#elements += 1;
    if (this.#elements > this.limits.elements)
      throw overLimit(`a value of more than ${this.limits.elements} elements`);
  }

  /** An unsigned integer that a number holds exactly; larger ones are refused. */
  readUint(): number {
    const value = this.#readFolded();
    if (typeof value === "number") return value;
    if (value > Number.MAX_SAFE_INTEGER) throw this.outOfRange();
    return Number(value);
  }

  readBigUint(): bigint {
    return BigInt(this.#readFolded());
  }

  /** A signed integer that a number holds exactly; larger ones are refused. */
  readInt(): number {
    const folded = this.#readFolded();
    if (typeof folded === "number") return folded % 2 === 0 ? folded / 2 : -(folded + 1) / 2;
    const value = unfold(folded);
    if (value > Number.MAX_SAFE_INTEGER || value < Number.MIN_SAFE_INTEGER) throw this.outOfRange();
    return Number(value);
  }

  readBigInt(): bigint {
    return unfold(this.readBigUint());
  }

  readFloat(): number {
    this.#scratch.setBigUint64(0, this.readBigUint(), false);
    return this.#scratch.getFloat64(0, true);
  }

  /** A length or count that the rest of the message could hold. */
  readLength(): number {
    const length = this.readUint();
    if (length > this.remaining)
      throw corrupt(`a length of ${length} bytes where ${this.remaining} are left${this.#where()}`);
    return length;
  }

  /** Length-prefixed bytes; the result aliases the message. */
  readBytes(): Buffer {
    const length = this.readLength();
    const start = this.#offset;
    this.#offset += length;
    return this.#message.subarray(start, this.#offset);
  }

  /** Length-prefixed bytes as a string. */
  readString(encoding: "utf8" | "latin1"): string {
    const length = this.readLength();
    const start = this.#offset;
    this.#offset += length;
    return this.#message.toString(encoding, start, this.#offset);
  }

  outOfRange(): Error {
    return wrongType(`value for ${JSON.stringify(this.field)} out of range`);
  }

  #where(): string {
    return this.field === "" ? "" : ` in field ${JSON.stringify(this.field)}`;
  }

  /** An unsigned integer; a number whenever it is short enough to be exact, which nearly all are. */
  #readFolded(): number | bigint {
    const first = this.#message[this.#offset];
    if (first === undefined) throw corrupt(`a message that ends too early${this.#where()}`);
    this.#offset += 1;
    if (first < 128) return first;
    const width = uintWidth(first);
    if (width > this.remaining)
      throw corrupt(`an integer of ${width} bytes where ${this.remaining} are left${this.#where()}`);
    const start = this.#offset;
    this.#offset += width;
    if (width <= MAX_NUMBER_WIDTH) return this.#message.readUIntBE(start, width);
    const high = BigInt(this.#message.readUIntBE(start, width - 4));
    return (high << 32n) | BigInt(this.#message.readUInt32BE(start + width - 4));
  }
}

/** Signed integers carry the sign in the lowest bit. */
function unfold(folded: bigint): bigint {
  return (folded & 1n) === 0n ? folded >> 1n : ~(folded >> 1n);
}
