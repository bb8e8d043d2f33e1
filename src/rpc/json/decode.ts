import { byteStringOf } from "../../core/byte-string.ts";
import { isObjectId } from "../../core/object-id.ts";
import {
  describeSchema,
  type NodeOf,
  type Schema,
  type SchemaNode,
  type StructNode,
  withoutPointers,
} from "../gob/schema.ts";
import { zeroOf, zeroStruct } from "../gob/zero.ts";
import { badMessage } from "./errors.ts";
import { type Json, parseJson } from "./parse.ts";
import { parseJsonTime } from "./time.ts";

type Inner = ReturnType<typeof withoutPointers>;
type ReaderOf = {
  readonly [Kind in Inner["kind"]]: (node: NodeOf<Kind>, json: NonNullable<Json>, where: string) => unknown;
};

/** More than any message of ours has. */
const DEFAULT_MAX_DEPTH = 100;
/** The key of a map with numbers for keys. */
const INTEGER = /^-?\d{1,20}$/;
const MAX_FLOAT32 = 3.4028234663852886e38;
const BASE64 = /^(?:[A-Za-z0-9+/]{4})*(?:[A-Za-z0-9+/]{2}==|[A-Za-z0-9+/]{3}=)?$/;

/**
 * The value of one JSON text, read as Go's encoding/json reads it: names match in any case, unknown members and nulls are
 * passed over, what is absent is zero. Throws E_JSON_MESSAGE, with the field, for what is not JSON or does not fit.
 */
export function decodeJson<T>(schema: Schema<T>, text: string, maxDepth = DEFAULT_MAX_DEPTH): T {
  return read(schema, parseJson(text, maxDepth), "the message") as T;
}

function read(schema: SchemaNode, json: Json, where: string): unknown {
  if (json === null) return zeroOf(schema);
  const node = withoutPointers(schema);
  const reader = READER_OF[node.kind] as (as: SchemaNode, from: Json, at: string) => unknown;
  return reader(node, json, where);
}

const READER_OF: ReaderOf = {
  bool: (node, json, where) => {
    if (typeof json !== "boolean") throw mismatch(node, json, where);
    return json;
  },
  int: readInteger,
  uint: readInteger,
  float: (node, json, where) => {
    const value = typeof json === "bigint" ? Number(json) : json;
    if (typeof value !== "number" || !Number.isFinite(value)) throw mismatch(node, json, where);
    if (node.bits === 64) return value;
    if (Math.abs(value) > MAX_FLOAT32) throw badMessage(`${where}: a number that is too large`);
    return Math.fround(value);
  },
  complex: (node, json, where) => {
    throw mismatch(node, json, where);
  },
  opaque: (node, json, where) => {
    throw mismatch(node, json, where);
  },
  string: (node, json, where) => {
    const value = textOf(node, json, where).toWellFormed();
    return node.as === "text" ? value : byteStringOf(value);
  },
  bytes: (node, json, where) => {
    const encoded = textOf(node, json, where).replace(/[\r\n]/g, "");
    if (!BASE64.test(encoded)) throw badMessage(`${where}: a text that is not base64`);
    return new Uint8Array(Buffer.from(encoded, "base64"));
  },
  time: (node, json, where) => parseJsonTime(textOf(node, json, where), where),
  byteArray: readByteArray,
  slice: (node, json, where) =>
    listOf(node, json, where).map((element) => read(node.element, element, where)),
  array: (node, json, where) => {
    const elements = listOf(node, json, where);
    if (elements.length !== node.length)
      throw badMessage(`${where}: ${elements.length} elements for ${describeSchema(node)}`);
    return elements.map((element) => read(node.element, element, where));
  },
  map: (node, json, where) =>
    new Map(
      [...objectOf(node, json, where)].map(([key, element]) => [
        readKey(node.key, key, where),
        read(node.element, element, where),
      ]),
    ),
  struct: (node, json, where) => readStruct(node, objectOf(node, json, where)),
  interface: (node, json, where) => {
    // Nothing in the text says which of the types it is.
    throw mismatch(node, json, where);
  },
};

function readStruct(node: StructNode, members: ReadonlyMap<string, Json>): Record<string, unknown> {
  const value = zeroStruct(node);
  const folded = new Map([...members].map(([name, member]) => [name.toLowerCase(), member]));
  for (const { name, type, isEmbedded } of node.fields) {
    if (isEmbedded === true && type.kind === "struct") {
      value[name] = readStruct(type, members);
      continue;
    }
    const member = members.get(name) ?? folded.get(name.toLowerCase());
    if (member !== undefined && member !== null) value[name] = read(type, member, name);
  }
  return value;
}

function readInteger(node: NodeOf<"int" | "uint">, json: NonNullable<Json>, where: string): number | bigint {
  if (typeof json !== "bigint") throw mismatch(node, json, where);
  const wrapped = node.kind === "int" ? BigInt.asIntN(node.bits, json) : BigInt.asUintN(node.bits, json);
  if (wrapped !== json) throw badMessage(`${where}: a number that is not ${describeSchema(node)}`);
  if (node.as === "bigint") return json;
  const value = Number(json);
  if (!Number.isSafeInteger(value)) throw badMessage(`${where}: a number that is too large`);
  return value;
}

/** A list of numbers as Go writes it; ids of objects also in hexadecimal, which people write. */
function readByteArray(
  node: NodeOf<"byteArray">,
  json: NonNullable<Json>,
  where: string,
): Uint8Array | string {
  if (node.as === "objectId" && typeof json === "string") {
    if (!isObjectId(json)) throw badMessage(`${where}: a text that is not the id of an object`);
    return json;
  }
  const elements = listOf(node, json, where);
  if (elements.length !== node.length)
    throw badMessage(`${where}: ${elements.length} elements for ${describeSchema(node)}`);
  const bytes = Buffer.from(elements.map((element) => readByte(element, where)));
  return node.as === "objectId" ? bytes.toString("hex") : bytes;
}

function readByte(json: Json, where: string): number {
  if (typeof json !== "bigint" || json < 0n || json > 255n)
    throw badMessage(`${where}: an element that is not a byte`);
  return Number(json);
}

function readKey(node: SchemaNode, key: string, where: string): unknown {
  if (node.kind === "string") return read(node, key, where);
  if ((node.kind !== "int" && node.kind !== "uint") || !INTEGER.test(key)) throw mismatch(node, key, where);
  return readInteger(node, BigInt(key), where);
}

function textOf(node: SchemaNode, json: Json, where: string): string {
  if (typeof json !== "string") throw mismatch(node, json, where);
  return json;
}

function listOf(node: SchemaNode, json: Json, where: string): readonly Json[] {
  if (!Array.isArray(json)) throw mismatch(node, json, where);
  return json as readonly Json[];
}

function objectOf(node: SchemaNode, json: Json, where: string): ReadonlyMap<string, Json> {
  if (!(json instanceof Map)) throw mismatch(node, json, where);
  return json as ReadonlyMap<string, Json>;
}

function mismatch(node: SchemaNode, json: Json, where: string): Error {
  return badMessage(`${where}: ${describeJson(json)} where ${describeSchema(node)} is expected`);
}

function describeJson(json: Json): string {
  if (Array.isArray(json)) return "a list";
  switch (typeof json) {
    case "bigint":
    case "number":
      return "a number";
    case "string":
      return "a text";
    case "boolean":
      return "a truth value";
    default:
      return "an object";
  }
}
