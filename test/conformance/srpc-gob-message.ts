/** A type as a gob stream defines it (spec/gob.md A5), without its name where that means nothing. */
export type WireType =
  | { readonly kind: "array" | "slice"; readonly element: number; readonly length?: number }
  | { readonly kind: "map"; readonly key: number; readonly element: number }
  | { readonly kind: "struct"; readonly fields: readonly WireField[] }
  | { readonly kind: "opaque"; readonly name: string };

export interface WireField {
  readonly name: string;
  readonly id: number;
}

/** Wire types by the number of the field of wireType that holds them; all above are opaque. */
const KINDS = ["array", "slice", "struct", "map"] as const;

/** Reads the basic kinds (spec/gob.md A1) of one message of a gob stream, and definitions of types. */
export class GobMessage {
  readonly #bytes: Buffer;
  #offset = 0;

  constructor(bytes: Buffer) {
    this.#bytes = bytes;
  }

  get isRead(): boolean {
    return this.#offset === this.#bytes.length;
  }

  bytes(count: number): Buffer {
    if (this.#offset + count > this.#bytes.length) throw new Error("a message that ends too early");
    this.#offset += count;
    return this.#bytes.subarray(this.#offset - count, this.#offset);
  }

  uint(): bigint {
    const first = this.bytes(1)[0] ?? 0;
    return first < 128 ? BigInt(first) : BigInt(`0x${this.bytes(256 - first).toString("hex")}`);
  }

  int(): bigint {
    const folded = this.uint();
    return (folded & 1n) === 0n ? folded >> 1n : -(folded >> 1n) - 1n;
  }

  /** Bytes or a text with its length. */
  text(): Buffer {
    return this.bytes(Number(this.uint()));
  }

  /** A struct: `read` is called for each field that is present. */
  fields(read: (field: number) => void): void {
    for (let field = -1, delta = this.uint(); delta !== 0n; delta = this.uint()) {
      field += Number(delta);
      read(field);
    }
  }

  /** The definition of a type, a value of the built-in struct wireType. */
  wireType(): WireType {
    let type: WireType | undefined;
    this.fields((variant) => {
      type = this.#variant(variant);
    });
    if (type === undefined) throw new Error("the definition of a type is empty");
    return type;
  }

  #variant(variant: number): WireType {
    const numbers: number[] = [];
    let name = "";
    let fields: readonly WireField[] = [];
    this.fields((field) => {
      if (field === 0) name = this.#named().name;
      else if (KINDS[variant] === "struct")
        fields = Array.from({ length: Number(this.uint()) }, () => this.#named());
      else numbers.push(Number(this.int()));
    });
    const [first = 0, second = 0] = numbers;
    switch (KINDS[variant]) {
      case "array":
        return { kind: "array", element: first, length: second };
      case "slice":
        return { kind: "slice", element: first };
      case "struct":
        return { kind: "struct", fields };
      case "map":
        return { kind: "map", key: first, element: second };
      default:
        return { kind: "opaque", name };
    }
  }

  /** CommonType and fieldType: a name and the number of a type. */
  #named(): WireField {
    let name = "";
    let id = 0;
    this.fields((field) => {
      if (field === 0) name = this.text().toString("latin1");
      else id = Number(this.int());
    });
    return { name, id };
  }
}
