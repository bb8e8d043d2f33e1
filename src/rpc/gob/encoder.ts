import { basicTypeOf, isBasic } from "./leaf-plans.ts";
import { MessageWriter } from "./message-writer.ts";
import { type NodeOf, type Schema, type SchemaNode, withoutPointers } from "./schema.ts";
import { writeDelimited } from "./value-writer.ts";
import { BASIC_TYPE, FIRST_USER_TYPE } from "./wire-types.ts";

/** Kinds that need a definition before they can be used. */
type DefinedNode = NodeOf<"time" | "opaque" | "byteArray" | "slice" | "array" | "map" | "struct">;

/** The fields of wireType, as the first delta of a definition. */
const WIRE_TYPE_DELTA = { array: 1, slice: 2, struct: 3, map: 4, opaque: 5 } as const;

/**
 * Writes one gob stream (one direction of one call). Each definition is sent once, before the first value that needs
 * it, those of all types an interface may hold included; so no value ever spans messages.
 */
export class GobEncoder {
  readonly #ids = new Map<SchemaNode, number>();
  readonly #undefined: DefinedNode[] = [];

  /** The bytes to send for `value`: definitions not sent before, then the value. E_GOB_TYPE when it does not fit. */
  encode<T>(schema: Schema<T>, value: NoInfer<T>): Buffer {
    const writer = new MessageWriter();
    const id = this.#typeId(schema);
    for (let node = this.#undefined.shift(); node !== undefined; node = this.#undefined.shift())
      this.#writeDefinition(writer, node);
    writer.writeCounted(() => {
      writer.writeInt(id);
      writeDelimited({ writer, typeId: (node) => this.#typeId(node) }, schema, value);
    });
    return writer.written;
  }

  /** The number of a type. A type met for the first time, and all it refers to, is put down for definition. */
  #typeId(schema: SchemaNode): number {
    const node = withoutPointers(schema);
    if (isBasic(node)) return basicTypeOf(node);
    if (node.kind === "interface") {
      if (!this.#ids.has(node)) {
        this.#ids.set(node, BASIC_TYPE.interface);
        for (const contents of node.types.values()) this.#typeId(contents);
      }
      return BASIC_TYPE.interface;
    }
    const known = this.#ids.get(node);
    if (known !== undefined) return known;
    const id = FIRST_USER_TYPE + this.#ids.size;
    this.#ids.set(node, id);
    this.#undefined.push(node);
    return id;
  }

  #writeDefinition(writer: MessageWriter, node: DefinedNode): void {
    const id = this.#typeId(node);
    writer.writeCounted(() => {
      writer.writeInt(-id);
      writer.writeUint(WIRE_TYPE_DELTA[wireKindOf(node)]);
      writeCommonType(writer, id, nameOf(node));
      this.#writeParts(writer, node);
      writer.writeUint(0);
      writer.writeUint(0);
    });
  }

  #writeParts(writer: MessageWriter, node: DefinedNode): void {
    switch (node.kind) {
      case "struct":
        if (node.fields.length === 0) return;
        writer.writeUint(1);
        writer.writeUint(node.fields.length);
        for (const field of node.fields) {
          writer.writeUint(1);
          writer.writeString(field.name, "utf8");
          this.#writeTypeField(writer, field.type);
          writer.writeUint(0);
        }
        return;
      case "slice":
        this.#writeTypeField(writer, node.element);
        return;
      case "array":
        this.#writeTypeField(writer, node.element);
        writeIntField(writer, node.length);
        return;
      case "byteArray":
        writeIntField(writer, BASIC_TYPE.uint);
        writeIntField(writer, node.length);
        return;
      case "map":
        this.#writeTypeField(writer, node.key);
        this.#writeTypeField(writer, node.element);
        return;
      case "time":
      case "opaque":
        return;
    }
  }

  #writeTypeField(writer: MessageWriter, node: SchemaNode): void {
    writeIntField(writer, this.#typeId(node));
  }
}

/** `value` as a stream of its own. */
export function encodeGob<T>(schema: Schema<T>, value: NoInfer<T>): Buffer {
  return new GobEncoder().encode(schema, value);
}

function wireKindOf(node: DefinedNode): keyof typeof WIRE_TYPE_DELTA {
  if (node.kind === "byteArray") return "array";
  return node.kind === "time" ? "opaque" : node.kind;
}

/** Receivers do not look at names; these are the ones that Go sends where it sends any. */
function nameOf(node: DefinedNode): string {
  switch (node.kind) {
    case "struct":
    case "opaque":
      return node.name;
    case "time":
      return "Time";
    case "byteArray":
      return node.as === "objectId" ? "Hash" : "";
    default:
      return "";
  }
}

/** CommonType as the first field: name and number. */
function writeCommonType(writer: MessageWriter, id: number, name: string): void {
  writer.writeUint(1);
  if (name !== "") {
    writer.writeUint(1);
    writer.writeString(name, "utf8");
  }
  writer.writeUint(name === "" ? 2 : 1);
  writer.writeInt(id);
  writer.writeUint(0);
}

/** The next field of a definition; zero, which only the length of an array can be, is left out. */
function writeIntField(writer: MessageWriter, value: number): void {
  if (value === 0) return;
  writer.writeUint(1);
  writer.writeInt(value);
}
