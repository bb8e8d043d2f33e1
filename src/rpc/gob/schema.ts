import type { ByteString } from "../../core/byte-string.ts";
import type { ObjectId } from "../../core/object-id.ts";
import type { GobTime } from "./time.ts";

/**
 * What a gob value looks like to us, as plain data. Fields of structs are matched by name with those of the sender
 * (spec/gob.md A8); the names are the ones on the wire.
 */
export type SchemaNode =
  | { readonly kind: "bool" }
  | { readonly kind: "complex" }
  | { readonly kind: "bytes" }
  | { readonly kind: "time" }
  | IntegerNode<"int">
  | IntegerNode<"uint">
  | { readonly kind: "float"; readonly bits: 32 | 64 }
  | { readonly kind: "string"; readonly as: "text" | "byteString" }
  | { readonly kind: "opaque"; readonly name: string }
  | { readonly kind: "byteArray"; readonly length: number; readonly as: "bytes" | "objectId" }
  | { readonly kind: "slice"; readonly element: SchemaNode }
  | { readonly kind: "array"; readonly element: SchemaNode; readonly length: number }
  | { readonly kind: "map"; readonly key: SchemaNode; readonly element: SchemaNode }
  | StructNode
  | { readonly kind: "interface"; readonly types: ReadonlyMap<string, SchemaNode> }
  | { readonly kind: "optional"; readonly of: SchemaNode };

/** The width is checked on both ways; `as: "number"` also refuses what a number cannot hold exactly. */
interface IntegerNode<Kind extends "int" | "uint"> {
  readonly kind: Kind;
  readonly bits: 8 | 16 | 32 | 64;
  readonly as: "number" | "bigint";
}

export interface StructNode {
  readonly kind: "struct";
  readonly name: string;
  readonly fields: readonly FieldNode[];
}

export interface FieldNode {
  readonly name: string;
  readonly type: SchemaNode;
  /** Of a struct whose fields JSON shows as if they were those of the struct around it; gob makes no difference. */
  readonly isEmbedded?: true;
}

/** The node of `kind`, for code that handles one kind. */
export type NodeOf<Kind extends SchemaNode["kind"]> = Kind extends unknown
  ? Extract<SchemaNode, { readonly kind: Kind }>
  : never;

declare const valueType: unique symbol;

/** A schema that remembers the TypeScript type of its values. */
export type Schema<T> = SchemaNode & { readonly [valueType]: T };

/** The type of the values of a schema: `ValueOf<typeof checkImageRequest>`. */
export type ValueOf<S> = S extends { readonly [valueType]: infer T } ? T : never;

export const bool = typed<boolean>({ kind: "bool" });
export const uint8 = typed<number>({ kind: "uint", bits: 8, as: "number" });
export const uint32 = typed<number>({ kind: "uint", bits: 32, as: "number" });
export const uint64 = typed<bigint>({ kind: "uint", bits: 64, as: "bigint" });
/** 64 bits on the wire, refused above Number.MAX_SAFE_INTEGER. */
export const safeUint = typed<number>({ kind: "uint", bits: 64, as: "number" });
export const int32 = typed<number>({ kind: "int", bits: 32, as: "number" });
export const int64 = typed<bigint>({ kind: "int", bits: 64, as: "bigint" });
/** UTF-8; what is not valid becomes U+FFFD. For names that must survive use `byteString`. */
export const text = typed<string>({ kind: "string", as: "text" });
export const byteString = typed<ByteString>({ kind: "string", as: "byteString" });
export const bytes = typed<Uint8Array>({ kind: "bytes" });
export const time = typed<GobTime>({ kind: "time" });
/** `hash.Hash`: an array of 64 unsigned integers on the wire; absent means all-zero. */
export const objectId = typed<ObjectId>({ kind: "byteArray", length: 64, as: "objectId" });

export function slice<T>(element: Schema<T>): Schema<readonly T[]> {
  return typed({ kind: "slice", element });
}

export function map<K, V>(key: Schema<K>, element: Schema<V>): Schema<ReadonlyMap<K, V>> {
  return typed({ kind: "map", key, element });
}

/** A pointer, which may be absent; outside of fields of structs it changes nothing. */
export function optional<T>(of: Schema<T>): Schema<T | undefined> {
  return typed({ kind: "optional", of });
}

type Fields = Readonly<Record<string, SchemaNode>>;

export function struct<F extends Fields>(
  name: string,
  fields: F,
  options: { readonly embedded?: readonly (keyof F & string)[] } = {},
): Schema<{ readonly [K in keyof F]: ValueOf<F[K]> }> {
  return typed({
    kind: "struct",
    name,
    fields: Object.entries(fields).map(([fieldName, type]) => ({
      name: fieldName,
      type,
      ...(options.embedded?.includes(fieldName) === true ? { isEmbedded: true } : {}),
    })),
  });
}

/** An interface that holds one of the registered types, or nothing. */
export function oneOf<F extends Fields>(
  types: F,
): Schema<
  | { [K in keyof F & string]: { readonly type: K; readonly value: ValueOf<F[K]> } }[keyof F & string]
  | undefined
> {
  return typed({ kind: "interface", types: new Map(Object.entries(types)) });
}

/** The schema without the pointers around it. */
export function withoutPointers(node: SchemaNode): Exclude<SchemaNode, { readonly kind: "optional" }> {
  let inner = node;
  while (inner.kind === "optional") inner = inner.of;
  return inner;
}

/** For error messages, close to how Go would name the type. */
export function describeSchema(node: SchemaNode): string {
  switch (node.kind) {
    case "int":
    case "uint":
    case "float":
      return `${node.kind}${node.bits}`;
    case "byteArray":
      return `[${node.length}]uint8`;
    case "slice":
      return `[]${describeSchema(node.element)}`;
    case "array":
      return `[${node.length}]${describeSchema(node.element)}`;
    case "map":
      return `map[${describeSchema(node.key)}]${describeSchema(node.element)}`;
    case "struct":
    case "opaque":
      return node.name;
    case "optional":
      return `*${describeSchema(node.of)}`;
    default:
      return node.kind;
  }
}

function typed<T>(node: SchemaNode): Schema<T> {
  return node as Schema<T>;
}
