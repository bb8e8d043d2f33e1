import type { ByteString } from "../../core/byte-string.ts";
import { displayOf } from "../../core/byte-string.ts";
import {
  describeSchema,
  type NodeOf,
  type Schema,
  type SchemaNode,
  type StructNode,
  withoutPointers,
} from "../gob/schema.ts";
import type { GobTime } from "../gob/time.ts";
import { unfit } from "./errors.ts";
import { formatJsonTime } from "./time.ts";

type Inner = ReturnType<typeof withoutPointers>;
type WriterOf = { readonly [Kind in Inner["kind"]]: (node: NodeOf<Kind>, value: never) => string };

/**
 * `value` as one line of JSON, without the line feed, byte for byte as Go's encoding/json writes it: all fields are there
 * under their names, bytes are base64, byte arrays are lists of numbers, the contents of an interface stand without
 * their type, keys are sorted, and `<`, `>` and `&` are escaped. What is empty is null, since our values do not tell
 * it from absent. Throws E_JSON_MESSAGE for what has no JSON form.
 */
export function encodeJson<T>(schema: Schema<T>, value: NoInfer<T>): string {
  return write(schema, value);
}

function write(schema: SchemaNode, value: unknown): string {
  if (value === undefined) return "null";
  const node = withoutPointers(schema);
  const writer = WRITER_OF[node.kind] as (as: SchemaNode, what: unknown) => string;
  return writer(node, value);
}

const WRITER_OF: WriterOf = {
  bool: (_node, value: boolean) => String(value),
  int: (_node, value: number | bigint) => String(value),
  uint: (_node, value: number | bigint) => String(value),
  float: (node, value: number) => {
    if (!Number.isFinite(value)) throw noForm(node);
    return JSON.stringify(value);
  },
  complex: (node) => {
    throw noForm(node);
  },
  opaque: (node) => {
    throw noForm(node);
  },
  string: (node, value: string) => writeText(node.as === "text" ? value : displayOf(value as ByteString)),
  bytes: (_node, value: Uint8Array) =>
    value.length === 0
      ? "null"
      : `"${Buffer.from(value.buffer, value.byteOffset, value.length).toString("base64")}"`,
  time: (_node, value: GobTime) => `"${formatJsonTime(value)}"`,
  byteArray: (_node, value: Uint8Array | string) =>
    `[${(typeof value === "string" ? Buffer.from(value, "hex") : value).join(",")}]`,
  slice: (node, value: readonly unknown[]) =>
    value.length === 0 ? "null" : writeElements(node.element, value),
  array: (node, value: readonly unknown[]) => writeElements(node.element, value),
  map: (node, value: ReadonlyMap<unknown, unknown>) => (value.size === 0 ? "null" : writeMap(node, value)),
  struct: (node, value: Readonly<Record<string, unknown>>) => `{${writeFields(node, value).join(",")}}`,
  interface: (node, value: { readonly type: string; readonly value: unknown }) => {
    const contents = node.types.get(value.type);
    if (contents === undefined) throw unfit(`${JSON.stringify(value.type)} is not a registered type`);
    return write(contents, value.value);
  },
};

function writeElements(element: SchemaNode, values: readonly unknown[]): string {
  return `[${values.map((value) => write(element, value)).join(",")}]`;
}

function writeFields(node: StructNode, value: Readonly<Record<string, unknown>>): readonly string[] {
  return node.fields.flatMap(({ name, type, isEmbedded }) => {
    const part = value[name];
    if (isEmbedded === true && type.kind === "struct")
      return writeFields(type, part as Readonly<Record<string, unknown>>);
    return [`${writeText(name)}:${write(type, part)}`];
  });
}

function writeMap(node: NodeOf<"map">, value: ReadonlyMap<unknown, unknown>): string {
  const entries = [...value].map(
    ([key, element]) => [keyText(node.key, key), write(node.element, element)] as const,
  );
  entries.sort(([left], [right]) => (left < right ? -1 : 1));
  return `{${entries.map(([key, element]) => `${writeText(key)}:${element}`).join(",")}}`;
}

function keyText(node: SchemaNode, key: unknown): string {
  if (node.kind === "string") return node.as === "text" ? String(key) : displayOf(key as ByteString);
  if (node.kind === "int" || node.kind === "uint") return String(key);
  throw noForm(node);
}

/** Go makes its output safe to stand inside HTML and JavaScript. */
function writeText(value: string): string {
  return JSON.stringify(value.toWellFormed()).replace(
    /[<>&\u2028\u2029]/g,
    (character) => `\\u${character.charCodeAt(0).toString(16).padStart(4, "0")}`,
  );
}

function noForm(node: SchemaNode): Error {
  return unfit(`${describeSchema(node)} has no JSON form`);
}
