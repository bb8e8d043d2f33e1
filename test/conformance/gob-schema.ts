import { type ByteString, byteStringFromBytes, byteStringOf } from "../../src/core/byte-string.ts";
import type { NodeOf, SchemaNode } from "../../src/rpc/gob/schema.ts";
import { zeroOf, zeroStruct } from "../../src/rpc/gob/zero.ts";

/** A type as the gob vectors describe it (INDEX.md of the set). */
export interface VectorType {
  readonly kind: string;
  readonly bits?: number;
  readonly name?: string;
  readonly length?: number;
  readonly elem?: VectorType;
  readonly key?: VectorType;
}

export interface VectorStruct {
  readonly fields: readonly { readonly name: string; readonly type: VectorType }[];
}

/** Turns described types into schemas; the same description gives the same schema, and types may contain themselves. */
export class VectorSchemas {
  readonly #structs: ReadonlyMap<string, VectorStruct>;
  readonly #registered: ReadonlyMap<string, VectorType>;
  readonly #made = new Map<string, SchemaNode>();

  constructor(
    structs: Readonly<Record<string, VectorStruct>>,
    registered: Readonly<Record<string, VectorType>>,
  ) {
    this.#structs = new Map(Object.entries(structs));
    this.#registered = new Map(Object.entries(registered));
  }

  /** The same registered names with other structs (the receivers of the malformed streams bring their own). */
  withStructs(structs: Readonly<Record<string, VectorStruct>>): VectorSchemas {
    return new VectorSchemas(
      { ...Object.fromEntries(this.#structs), ...structs },
      Object.fromEntries(this.#registered),
    );
  }

  schemaOf(type: VectorType): SchemaNode {
    switch (type.kind) {
      case "pointer":
        return { kind: "optional", of: this.schemaOf(part(type.elem)) };
      case "slice":
        return { kind: "slice", element: this.schemaOf(part(type.elem)) };
      case "array":
        return this.#array(type);
      case "map":
        return { kind: "map", key: this.schemaOf(part(type.key)), element: this.schemaOf(part(type.elem)) };
      case "struct":
        return this.#struct(type.name ?? "");
      case "interface":
        return this.#interface();
      default:
        return scalar(type);
    }
  }

  #array(type: VectorType): SchemaNode {
    const element = part(type.elem);
    const length = type.length ?? 0;
    if (element.kind === "uint" && element.bits === 8) return { kind: "byteArray", length, as: "bytes" };
    return { kind: "array", length, element: this.schemaOf(element) };
  }

  #struct(name: string): SchemaNode {
    const made = this.#made.get(`struct ${name}`);
    if (made !== undefined) return made;
    const described = this.#structs.get(name);
    if (described === undefined) throw new Error(`the vectors do not describe struct ${name}`);
    const fields: { name: string; type: SchemaNode }[] = [];
    const node: SchemaNode = { kind: "struct", name, fields };
    this.#made.set(`struct ${name}`, node);
    for (const field of described.fields) {
      const type = this.schemaOf(field.type);
      // The vectors tell an absent map from an empty one.
      fields.push({ name: field.name, type: type.kind === "map" ? { kind: "optional", of: type } : type });
    }
    return node;
  }

  #interface(): SchemaNode {
    const made = this.#made.get("interface");
    if (made !== undefined) return made;
    const types = new Map<string, SchemaNode>();
    const node: SchemaNode = { kind: "interface", types };
    this.#made.set("interface", node);
    for (const [name, type] of this.#registered) types.set(name, this.schemaOf(type));
    return node;
  }
}

/** A value of the vectors' JSON form as the decoder would deliver it; what is left out is zero. */
export function valueFromJson(node: SchemaNode, json: unknown): unknown {
  switch (node.kind) {
    case "optional":
      return json === null ? undefined : valueFromJson(node.of, json);
    case "struct":
      return structFromJson(node, json as Readonly<Record<string, unknown>>);
    case "map":
      return mapFromJson(node, json as Readonly<Record<string, unknown>>);
    case "slice":
    case "array":
      return (json as readonly unknown[]).map((element) => valueFromJson(node.element, element));
    case "interface":
      return interfaceFromJson(node, json as { type: string; value: unknown } | null);
    default:
      return scalarFromJson(node, json);
  }
}

function part(type: VectorType | undefined): VectorType {
  if (type === undefined) throw new Error("the vectors describe a type without its element");
  return type;
}

function scalar(type: VectorType): SchemaNode {
  switch (type.kind) {
    case "bool":
    case "complex":
    case "bytes":
      return { kind: type.kind };
    case "int":
    case "uint":
      return { kind: type.kind, bits: (type.bits ?? 64) as 8 | 16 | 32 | 64, as: "bigint" };
    case "float":
      return { kind: "float", bits: (type.bits ?? 64) as 32 | 64 };
    case "string":
      return { kind: "string", as: "byteString" };
    case "opaque":
      return type.name === "Time" ? { kind: "time" } : { kind: "opaque", name: type.name ?? "" };
    default:
      throw new Error(`the vectors use an unknown kind: ${type.kind}`);
  }
}

function structFromJson(node: NodeOf<"struct">, json: Readonly<Record<string, unknown>>): unknown {
  const value = zeroStruct(node);
  for (const [name, element] of Object.entries(json)) {
    const field = node.fields.find((candidate) => candidate.name === name);
    if (field === undefined) throw new Error(`the vectors give ${node.name} a field ${name} that it lacks`);
    value[name] = valueFromJson(field.type, element);
  }
  return value;
}

function mapFromJson(node: NodeOf<"map">, json: Readonly<Record<string, unknown>>): unknown {
  const pairs = Array.isArray(json["pairs"]) ? (json["pairs"] as [unknown, unknown][]) : Object.entries(json);
  return new Map(
    pairs.map(([key, element]) => [keyFromJson(node.key, key), valueFromJson(node.element, element)]),
  );
}

function keyFromJson(node: SchemaNode, key: unknown): unknown {
  if (node.kind === "bool" && typeof key === "string") return key === "true";
  if (node.kind === "float" && typeof key === "string") return Number(key);
  return valueFromJson(node, key);
}

function interfaceFromJson(
  node: NodeOf<"interface">,
  json: { type: string; value: unknown } | null,
): unknown {
  if (json === null) return undefined;
  const contents = node.types.get(json.type);
  if (contents === undefined) throw new Error(`the vectors do not register ${json.type}`);
  const value = json.value === undefined ? zeroOf(contents) : valueFromJson(contents, json.value);
  return { type: json.type, value };
}

function scalarFromJson(node: SchemaNode, json: unknown): unknown {
  switch (node.kind) {
    case "int":
    case "uint":
      return BigInt(json as string);
    case "float":
      return Number(json);
    case "complex":
      return (json as readonly unknown[]).map(Number);
    case "string":
      return stringFromJson(json as string | { hex: string });
    case "bytes":
    case "byteArray":
      return new Uint8Array(Buffer.from((json as { bytes: string }).bytes, "hex"));
    case "opaque":
      return new Uint8Array(Buffer.from((json as { opaque: string }).opaque, "hex"));
    case "time": {
      const time = json as { seconds: string; nanoseconds: string; offsetSeconds: string };
      return {
        seconds: BigInt(time.seconds),
        nanoseconds: Number(time.nanoseconds),
        offsetSeconds: Number(time.offsetSeconds),
      };
    }
    default:
      return json;
  }
}

function stringFromJson(json: string | { hex: string }): ByteString {
  return typeof json === "string" ? byteStringOf(json) : byteStringFromBytes(Buffer.from(json.hex, "hex"));
}
