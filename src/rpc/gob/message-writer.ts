const FIRST_CAPACITY_BYTES = 256;
/** Buffers write integers below this, of up to 6 bytes, without big numbers. */
const NUMBER_LIMIT = 2 ** 48;

/** Writes the basic kinds (spec/gob.md A1) into a buffer that grows. */
export class MessageWriter {
  #buffer = Buffer.allocUnsafe(FIRST_CAPACITY_BYTES);
  #length = 0;

  /** What was written; valid until the writer is used again. */
  get written(): Buffer {
    return this.#buffer.subarray(0, this.#length);
  }

  /** `value` is a safe integer, not negative. */
  writeUint(value: number): void {
    if (value < 128) this.#writeByte(value);
    else if (value < NUMBER_LIMIT) this.#writeWide(value, widthOf(value));
    else this.writeBigUint(BigInt(value));
  }

  writeBigUint(value: bigint): void {
    if (value < NUMBER_LIMIT) {
      this.writeUint(Number(value));
      return;
    }
    const high = Number(value >> 32n);
    const width = 4 + widthOf(high);
    this.#reserve(1 + width);
    this.#buffer[this.#length] = 256 - width;
    this.#buffer.writeUIntBE(high, this.#length + 1, width - 4);
    this.#buffer.writeUInt32BE(Number(value & 0xffff_ffffn), this.#length + 1 + width - 4);
    this.#length += 1 + width;
  }

  /** `value` is a safe integer. */
  writeInt(value: number): void {
    this.writeBigInt(BigInt(value));
  }

  writeBigInt(value: bigint): void {
    this.writeBigUint(value >= 0n ? value << 1n : (~value << 1n) | 1n);
  }

  writeFloat(value: number): void {
    const pattern = Buffer.allocUnsafe(8);
    pattern.writeDoubleLE(value);
    this.writeBigUint(pattern.readBigUInt64BE());
  }

  writeBytes(bytes: Uint8Array): void {
    this.writeUint(bytes.length);
    this.#reserve(bytes.length);
    this.#buffer.set(bytes, this.#length);
    this.#length += bytes.length;
  }

  writeString(value: string, encoding: "utf8" | "latin1"): void {
    const lengthBytes = Buffer.byteLength(value, encoding);
    this.writeUint(lengthBytes);
    this.#reserve(lengthBytes);
    this.#buffer.write(value, this.#length, encoding);
    this.#length += lengthBytes;
  }

  /** Puts the number of bytes that `write` writes in front of them. */
  writeCounted(write: () => void): void {
    const start = this.#length;
    write();
    const count = this.#length - start;
    this.writeUint(count);
    // The count is written behind and turned to the front: its own width is not known before.
    const prefix = Buffer.from(this.#buffer.subarray(start + count, this.#length));
    this.#buffer.copyWithin(start + prefix.length, start, start + count);
    this.#buffer.set(prefix, start);
  }

  #writeByte(byte: number): void {
    this.#reserve(1);
    this.#buffer[this.#length] = byte;
    this.#length += 1;
  }

  #writeWide(value: number, width: number): void {
    this.#reserve(1 + width);
    this.#buffer[this.#length] = 256 - width;
    this.#buffer.writeUIntBE(value, this.#length + 1, width);
    this.#length += 1 + width;
  }

  #reserve(bytes: number): void {
    const needed = this.#length + bytes;
    if (needed <= this.#buffer.length) return;
    const grown = Buffer.allocUnsafe(Math.max(needed, 2 * this.#buffer.length));
    grown.set(this.written);
    this.#buffer = grown;
  }
}

/** Bytes that `value`, below NUMBER_LIMIT, takes. */
function widthOf(value: number): number {
  let width = 1;
  for (let rest = value; rest >= 256; rest = Math.floor(rest / 256)) width += 1;
  return width;
}
