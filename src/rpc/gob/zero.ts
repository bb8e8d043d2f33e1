import type { ObjectId } from "../../core/object-id.ts";
import type { SchemaNode, StructNode } from "./schema.ts";
import { ZERO_TIME } from "./time.ts";

const NO_BYTES = new Uint8Array(0);
const NO_OBJECT = "0".repeat(128) as ObjectId;
const NO_ELEMENTS: readonly unknown[] = Object.freeze([]);

type ZeroOf = { readonly [Kind in SchemaNode["kind"]]: (node: SchemaNode & { kind: Kind }) => unknown };

/**
 * What an absent field of this type means. Zero values are shared: whoever receives one must not change it, which the
 * read-only types of schemas say as well.
 */
export function zeroOf(node: SchemaNode): unknown {
  const make = ZERO_OF[node.kind] as (of: SchemaNode) => unknown;
  return make(node);
}

/** The zero value of a struct, to be copied and filled. */
export function zeroStruct(node: StructNode): Record<string, unknown> {
  return Object.fromEntries(node.fields.map((field) => [field.name, zeroOf(field.type)]));
}

const ZERO_OF: ZeroOf = {
  bool: () => false,
  int: (node) => (node.as === "bigint" ? 0n : 0),
  uint: (node) => (node.as === "bigint" ? 0n : 0),
  float: () => 0,
  complex: () => [0, 0],
  string: () => "",
  bytes: () => NO_BYTES,
  time: () => ZERO_TIME,
  opaque: () => NO_BYTES,
  byteArray: (node) => (node.as === "objectId" ? NO_OBJECT : new Uint8Array(node.length)),
  slice: () => NO_ELEMENTS,
  array: (node) => Array.from({ length: node.length }, () => zeroOf(node.element)),
  map: () => new Map(),
  struct: (node) => zeroStruct(node),
  interface: () => undefined,
  optional: () => undefined,
};
