import { byteStringFromBytes } from "../../core/byte-string.ts";
import type { MessageCursor } from "./message-cursor.ts";
import type { NodeOf, SchemaNode } from "./schema.ts";
import { parseTime } from "./time.ts";
import { BASIC_TYPE } from "./wire-types.ts";

const MAX_FLOAT32 = 3.4028234663852886e38;

/** Kinds that arrive as one of the basic types. */
export type BasicNode = NodeOf<"bool" | "complex" | "bytes" | "int" | "uint" | "float" | "string">;
type Read = (cursor: MessageCursor) => unknown;
type ReaderOf = { readonly [Kind in BasicNode["kind"]]: (node: BasicNode & { kind: Kind }) => Read };

export function isBasic(node: SchemaNode): node is BasicNode {
  return Object.hasOwn(READER_OF, node.kind);
}

/** The type number that a sender uses for values of this kind. */
export function basicTypeOf(node: BasicNode): number {
  return BASIC_TYPE[node.kind];
}

/** How to read a value of a basic kind, range checks included. */
export function basicReader(node: BasicNode): Read {
  const make = READER_OF[node.kind] as (of: BasicNode) => Read;
  return make(node);
}

/** Reads a self-encoding type. */
export function opaqueReader(node: NodeOf<"time" | "opaque">): Read {
  if (node.kind === "time") return (cursor) => parseTime(cursor.readBytes());
  return (cursor) => Uint8Array.from(cursor.readBytes());
}

/** Reads the elements of a byte array, whose count was read: they travel as unsigned integers. */
export function readByteArray(cursor: MessageCursor, node: NodeOf<"byteArray">): unknown {
  const array = Buffer.alloc(node.length);
  for (let index = 0; index < node.length; index++) {
    const value = cursor.readUint();
    if (value > 255) throw cursor.outOfRange();
    array[index] = value;
  }
  return node.as === "objectId" ? array.toString("hex") : array;
}

const READER_OF: ReaderOf = {
  bool: () => (cursor) => cursor.readUint() !== 0,
  int: integerReader,
  uint: integerReader,
  float: (node) => (node.bits === 64 ? (cursor) => cursor.readFloat() : readFloat32),
  complex: () => (cursor) => [cursor.readFloat(), cursor.readFloat()],
  string: (node) =>
    node.as === "text"
      ? (cursor) => cursor.readString("utf8")
      : (cursor) => byteStringFromBytes(cursor.readBytes()),
  // A copy: the message is far larger, and the value must not keep it alive.
  bytes: () => (cursor) => Uint8Array.from(cursor.readBytes()),
};

function integerReader(node: NodeOf<"int" | "uint">): Read {
  const bits = BigInt(node.bits);
  const signed = node.kind === "int";
  const min = signed ? -(1n << (bits - 1n)) : 0n;
  const max = (signed ? 1n << (bits - 1n) : 1n << bits) - 1n;
  return node.as === "bigint"
    ? bigIntReader(signed, min, max)
    : numberReader(signed, Number(min), Number(max));
}

function bigIntReader(signed: boolean, min: bigint, max: bigint): Read {
  return (cursor) => {
    const value = signed ? cursor.readBigInt() : cursor.readBigUint();
    if (value < min || value > max) throw cursor.outOfRange();
    return value;
  };
}

function numberReader(signed: boolean, min: number, max: number): Read {
  return (cursor) => {
    const value = signed ? cursor.readInt() : cursor.readUint();
    if (value < min || value > max) throw cursor.outOfRange();
    return value;
  };
}

function readFloat32(cursor: MessageCursor): number {
  const value = cursor.readFloat();
  if (Number.isFinite(value) && Math.abs(value) > MAX_FLOAT32) throw cursor.outOfRange();
  return Math.fround(value);
}
