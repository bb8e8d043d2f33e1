import { InstallerError } from "../../core/errors.ts";
import type { MessageWriter } from "./message-writer.ts";
import { describeSchema, type NodeOf, type SchemaNode, withoutPointers } from "./schema.ts";
import { formatTime, type GobTime, isZeroTime } from "./time.ts";

/** Where values are written, and the numbers of their types. */
export interface ValueSink {
  readonly writer: MessageWriter;
  readonly typeId: (node: SchemaNode) => number;
}

type Inner = ReturnType<typeof withoutPointers>;
type WriterOf = {
  readonly [Kind in Inner["kind"]]: (sink: ValueSink, node: NodeOf<Kind>, value: never) => void;
};
type IsZeroOf = { readonly [Kind in Inner["kind"]]: (value: never, isPointer: boolean) => boolean };

/** Writes a value that stands for itself, at top level or in an interface: all but structs follow a zero byte. */
export function writeDelimited(sink: ValueSink, schema: SchemaNode, value: unknown): void {
  if (withoutPointers(schema).kind !== "struct") sink.writer.writeUint(0);
  writeValue(sink, schema, value);
}

/** Schemas carry the type of their values, so what arrives here fits by construction; only ranges are checked. */
function writeValue(sink: ValueSink, schema: SchemaNode, value: unknown): void {
  const node = withoutPointers(schema);
  const write = WRITER_OF[node.kind] as (to: ValueSink, as: SchemaNode, what: unknown) => void;
  write(sink, node, value);
}

/** Whether a struct leaves this field out (spec/gob.md A3). */
function isOmitted(schema: SchemaNode, value: unknown): boolean {
  if (value === undefined) return true;
  const isZero = IS_ZERO[withoutPointers(schema).kind] as (what: unknown, isPointer: boolean) => boolean;
  return isZero(value, schema.kind === "optional");
}

const never = (): boolean => false;
const isEmpty = (value: { readonly length: number }): boolean => value.length === 0;

const IS_ZERO: IsZeroOf = {
  bool: (value: boolean) => !value,
  int: (value: number | bigint) => BigInt(value) === 0n,
  uint: (value: number | bigint) => BigInt(value) === 0n,
  float: (value: number) => value === 0,
  complex: (value: readonly [number, number]) => value[0] === 0 && value[1] === 0,
  string: isEmpty,
  bytes: isEmpty,
  time: (value: GobTime, isPointer) => !isPointer && isZeroTime(value),
  opaque: (value: Uint8Array, isPointer) => !isPointer && isEmpty(value),
  byteArray: never,
  slice: isEmpty,
  array: never,
  map: (value: ReadonlyMap<unknown, unknown>, isPointer) => !isPointer && value.size === 0,
  struct: never,
  interface: never,
};

const WRITER_OF: WriterOf = {
  bool: ({ writer }, _node, value: boolean) => writer.writeUint(value ? 1 : 0),
  int: ({ writer }, node, value: number | bigint) => writer.writeBigInt(checkRange(node, value)),
  uint: ({ writer }, node, value: number | bigint) => writer.writeBigUint(checkRange(node, value)),
  float: ({ writer }, _node, value: number) => writer.writeFloat(value),
  complex: ({ writer }, _node, value: readonly [number, number]) => {
    writer.writeFloat(value[0]);
    writer.writeFloat(value[1]);
  },
  string: ({ writer }, node, value: string) =>
    writer.writeString(value, node.as === "text" ? "utf8" : "latin1"),
  bytes: ({ writer }, _node, value: Uint8Array) => writer.writeBytes(value),
  time: ({ writer }, _node, value: GobTime) => writer.writeBytes(formatTime(value)),
  opaque: ({ writer }, _node, value: Uint8Array) => writer.writeBytes(value),
  byteArray: ({ writer }, node, value: Uint8Array | string) => {
    const bytes = typeof value === "string" ? Buffer.from(value, "hex") : value;
    checkLength(node, bytes.length);
    writer.writeUint(bytes.length);
    for (const byte of bytes) writer.writeUint(byte);
  },
  slice: (sink, node, value: readonly unknown[]) => writeElements(sink, node.element, value),
  array: (sink, node, value: readonly unknown[]) => {
    checkLength(node, value.length);
    writeElements(sink, node.element, value);
  },
  map: (sink, node, value: ReadonlyMap<unknown, unknown>) => {
    sink.writer.writeUint(value.size);
    for (const [key, element] of value) {
      writeValue(sink, node.key, key);
      writeValue(sink, node.element, element);
    }
  },
  struct: writeStruct,
  interface: writeInterface,
};

function writeElements(sink: ValueSink, element: SchemaNode, values: readonly unknown[]): void {
  sink.writer.writeUint(values.length);
  for (const value of values) writeValue(sink, element, value);
}

function writeStruct(
  sink: ValueSink,
  node: NodeOf<"struct">,
  value: Readonly<Record<string, unknown>>,
): void {
  let delta = 1;
  for (const field of node.fields) {
    const part = value[field.name];
    if (isOmitted(field.type, part)) {
      delta += 1;
      continue;
    }
    sink.writer.writeUint(delta);
    writeValue(sink, field.type, part);
    delta = 1;
  }
  sink.writer.writeUint(0);
}

function writeInterface(
  sink: ValueSink,
  node: NodeOf<"interface">,
  value: { readonly type: string; readonly value: unknown } | undefined,
): void {
  if (value === undefined) {
    sink.writer.writeUint(0);
    return;
  }
  const contents = node.types.get(value.type);
  if (contents === undefined) throw unfit(`${JSON.stringify(value.type)} is not a registered type`);
  sink.writer.writeString(value.type, "utf8");
  sink.writer.writeInt(sink.typeId(contents));
  sink.writer.writeCounted(() => writeDelimited(sink, contents, value.value));
}

function checkRange(node: NodeOf<"int" | "uint">, value: number | bigint): bigint {
  const fits = typeof value === "bigint" || Number.isSafeInteger(value);
  const wide = fits ? BigInt(value) : -1n;
  const wrapped = node.kind === "int" ? BigInt.asIntN(node.bits, wide) : BigInt.asUintN(node.bits, wide);
  if (!fits || wrapped !== wide) throw unfit(`${value} is not ${describeSchema(node)}`);
  return wide;
}

function checkLength(node: NodeOf<"array" | "byteArray">, length: number): void {
  if (length !== node.length) throw unfit(`${length} elements for ${describeSchema(node)}`);
}

function unfit(found: string): InstallerError {
  return new InstallerError("E_GOB_TYPE", `encoding gob: ${found}`);
}
