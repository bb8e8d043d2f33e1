import { readConcreteType, readInterfaceName, readSingletonMark } from "./concrete-type.ts";
import { corrupt } from "./errors.ts";
import type { MessageCursor } from "./message-cursor.ts";
import { type Decoding, leaf, OpenPlan, type Plan, type TreeReader, tree } from "./plan.ts";
import { BASIC_TYPE, type WireType, type WireTypes } from "./wire-types.ts";

const skipUint = leaf((cursor) => void cursor.readBigUint());
const skipBytes = leaf((cursor) => void cursor.readBytes());
const skipComplex = leaf((cursor) => {
  cursor.readBigUint();
  cursor.readBigUint();
});

const SKIP_BASIC: ReadonlyMap<number, Plan> = new Map([
  [BASIC_TYPE.bool, skipUint],
  [BASIC_TYPE.int, skipUint],
  [BASIC_TYPE.uint, skipUint],
  [BASIC_TYPE.float, skipUint],
  [BASIC_TYPE.bytes, skipBytes],
  [BASIC_TYPE.string, skipBytes],
  [BASIC_TYPE.complex, skipComplex],
]);

/** Plans that pass over values nobody wants, of any type, but keep the definitions inside them. */
export class SkipPlans {
  readonly #types: WireTypes;
  readonly #plans = new Map<number, Plan>();

  constructor(types: WireTypes) {
    this.#types = types;
  }

  /** Rejects types that are not defined, and types built on such. */
  planFor(id: number): Plan {
    const known = SKIP_BASIC.get(id) ?? this.#plans.get(id);
    if (known !== undefined) return known;
    if (id === BASIC_TYPE.interface) return tree((cursor) => this.#skipInterface(cursor));
    const type = this.#types.get(id);
    if (type === undefined || type.kind === "empty")
      throw corrupt(`unknown type id or corrupted data (${id})`);
    if (type.kind === "opaque") return skipBytes;
    const plan = new OpenPlan();
    this.#plans.set(id, plan);
    plan.close(this.#readerOf(type));
    return plan;
  }

  #readerOf(type: Exclude<WireType, { readonly kind: "opaque" | "empty" }>): TreeReader {
    switch (type.kind) {
      case "struct":
        return skipStruct(type.fields.map((field) => this.planFor(field.type)));
      case "slice":
        return skipElements([this.planFor(type.element)]);
      case "array":
        return skipElements([this.planFor(type.element)], type.length);
      case "map":
        return skipElements([this.planFor(type.key), this.planFor(type.element)]);
    }
  }

  *#skipInterface(cursor: MessageCursor): Decoding {
    if (readInterfaceName(cursor) === "") return undefined;
    cursor.enter();
    const id = yield* readConcreteType(cursor, this.#types);
    if (this.#types.get(id)?.kind !== "struct") readSingletonMark(cursor);
    const contents = this.planFor(id);
    // By structure, not by count: definitions in the contents count for the rest of the stream.
    if (contents.kind === "leaf") contents.read(cursor);
    else yield* contents.read(cursor);
    cursor.leave();
    return undefined;
  }
}

function skipStruct(fields: readonly Plan[]): TreeReader {
  return function* (cursor) {
    cursor.enter();
    for (let index = -1; cursor.remaining > 0; ) {
      const delta = cursor.readUint();
      if (delta === 0) break;
      index += delta;
      const field = fields[index];
      if (field === undefined) throw corrupt("bad data: field numbers out of bounds");
      if (field.kind === "leaf") field.read(cursor);
      else yield* field.read(cursor);
    }
    cursor.leave();
  };
}

/** Passes over a count and that many times `parts` one after the other. */
function skipElements(parts: readonly Plan[], length?: number): TreeReader {
  return function* (cursor) {
    cursor.enter();
    const count = cursor.readUint();
    if (length !== undefined && count !== length) throw corrupt("length mismatch in an array");
    for (let index = 0; index < count; index++) {
      cursor.startElement();
      for (const part of parts) {
        if (part.kind === "leaf") part.read(cursor);
        else yield* part.read(cursor);
      }
    }
    cursor.leave();
  };
}
