import { corrupt, overLimit } from "./errors.ts";
import type { MessageCursor } from "./message-cursor.ts";

/** Type numbers that need no definition (spec/gob.md A5). */
export const BASIC_TYPE = {
  bool: 1,
  int: 2,
  uint: 3,
  float: 4,
  bytes: 5,
  string: 6,
  complex: 7,
  interface: 8,
} as const;

/** Lower numbers belong to the encoding itself and cannot be defined. */
export const FIRST_USER_TYPE = 64;
const MAX_TYPE_NUMBER = 2 ** 31 - 1;

/** A type as its sender defined it. Names are informational, except those of fields. */
export type WireType =
  | { readonly kind: "array"; readonly name: string; readonly element: number; readonly length: number }
  | { readonly kind: "slice"; readonly name: string; readonly element: number }
  | { readonly kind: "struct"; readonly name: string; readonly fields: readonly WireField[] }
  | { readonly kind: "map"; readonly name: string; readonly key: number; readonly element: number }
  | { readonly kind: "opaque"; readonly name: string }
  /** Accepted, but good for nothing. */
  | { readonly kind: "empty"; readonly name: "" };

export interface WireField {
  readonly name: string;
  readonly type: number;
}

/** The types that one stream has defined so far. */
export class WireTypes {
  readonly #types = new Map<number, WireType>();

  get(id: number): WireType | undefined {
    return this.#types.get(id);
  }

  /** Reads the definition of type `id`, a value of the built-in struct wireType. */
  define(id: number, cursor: MessageCursor): void {
    if (id < FIRST_USER_TYPE || this.#types.has(id)) throw corrupt(`duplicate type received (${id})`);
    if (this.#types.size >= cursor.limits.types)
      throw overLimit(`more than ${cursor.limits.types} type definitions`);
    this.#types.set(id, readWireType(cursor));
  }
}

type FieldReader = (cursor: MessageCursor) => unknown;

function readWireType(cursor: MessageCursor): WireType {
  let type: WireType = { kind: "empty", name: "" };
  const variant = (read: (cursor: MessageCursor) => WireType): FieldReader => {
    return (at) => {
      type = read(at);
    };
  };
  readFields(cursor, [
    variant(readArrayType),
    variant(readSliceType),
    variant(readStructType),
    variant(readMapType),
    variant(readOpaqueType),
    variant(readOpaqueType),
    variant(readOpaqueType),
  ]);
  return type;
}

function readArrayType(cursor: MessageCursor): WireType {
  let name = "";
  let element = 0;
  let length = 0;
  readFields(cursor, [
    (at) => (name = readCommonType(at)),
    (at) => (element = readTypeNumber(at)),
    (at) => (length = at.readInt()),
  ]);
  return { kind: "array", name, element, length };
}

function readSliceType(cursor: MessageCursor): WireType {
  let name = "";
  let element = 0;
  readFields(cursor, [(at) => (name = readCommonType(at)), (at) => (element = readTypeNumber(at))]);
  return { kind: "slice", name, element };
}

function readStructType(cursor: MessageCursor): WireType {
  let name = "";
  let fields: readonly WireField[] = [];
  readFields(cursor, [(at) => (name = readCommonType(at)), (at) => (fields = readFieldTypes(at))]);
  return { kind: "struct", name, fields };
}

function readMapType(cursor: MessageCursor): WireType {
  let name = "";
  let key = 0;
  let element = 0;
  readFields(cursor, [
    (at) => (name = readCommonType(at)),
    (at) => (key = readTypeNumber(at)),
    (at) => (element = readTypeNumber(at)),
  ]);
  return { kind: "map", name, key, element };
}

function readOpaqueType(cursor: MessageCursor): WireType {
  let name = "";
  readFields(cursor, [(at) => (name = readCommonType(at))]);
  return { kind: "opaque", name };
}

/** CommonType: the name; the number that follows repeats what the message started with. */
function readCommonType(cursor: MessageCursor): string {
  let name = "";
  readFields(cursor, [(at) => (name = at.readString("utf8")), readTypeNumber]);
  return name;
}

/** Type numbers have 32 bits with the sign. */
function readTypeNumber(cursor: MessageCursor): number {
  cursor.field = "Id";
  const id = cursor.readInt();
  if (Math.abs(id) > MAX_TYPE_NUMBER) throw cursor.outOfRange();
  return id;
}

function readFieldTypes(cursor: MessageCursor): readonly WireField[] {
  const count = cursor.readUint();
  if (count > cursor.limits.fieldsPerStruct)
    throw overLimit(`a struct of ${count} fields, more than ${cursor.limits.fieldsPerStruct}`);
  const fields: WireField[] = [];
  for (let index = 0; index < count; index++) {
    if (cursor.remaining === 0) throw corrupt("a struct definition that ends too early");
    let name = "";
    let type = 0;
    readFields(cursor, [(at) => (name = at.readString("utf8")), (at) => (type = readTypeNumber(at))]);
    fields.push({ name, type });
  }
  return fields;
}

/** Reads a struct of the encoding itself. The end of the message ends it as well as its terminator. */
function readFields(cursor: MessageCursor, readers: readonly FieldReader[]): void {
  for (let index = -1; cursor.remaining > 0; ) {
    const delta = cursor.readUint();
    if (delta === 0) return;
    index += delta;
    const read = readers[index];
    if (read === undefined) throw corrupt("field numbers out of bounds in a type definition");
    read(cursor);
  }
}
