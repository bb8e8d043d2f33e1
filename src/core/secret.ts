import { inspect } from "node:util";

const PLACEHOLDER = "[secret]";

/**
 * A key or password. It prints as `[secret]` everywhere and does not type-check as a command argument; `expose` is
 * called only by the adapters that write to a tool's standard input or to a 0600 file.
 */
export class Secret {
  readonly #bytes: Uint8Array;

  constructor(bytes: Uint8Array) {
    this.#bytes = bytes;
  }

  /** The bytes themselves; the caller must neither keep nor print them. */
  expose(): Uint8Array {
    return this.#bytes;
  }

  /** Overwrites the bytes in memory; further use yields zeroes. */
  scrub(): void {
    this.#bytes.fill(0);
  }

  toString(): string {
    return PLACEHOLDER;
  }

  toJSON(): string {
    return PLACEHOLDER;
  }

  [inspect.custom](): string {
    return PLACEHOLDER;
  }
}
