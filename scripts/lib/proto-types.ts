import protobuf from "protobufjs";
import { declarationsOf, packageOf } from "./proto-files.ts";

const NUMBER_TYPES = new Set([
  "double",
  "float",
  "int32",
  "uint32",
  "sint32",
  "fixed32",
  "sfixed32",
  "int64",
  "uint64",
  "sint64",
  "fixed64",
  "sfixed64",
]);

/**
 * Type declarations of the messages of a file: one interface for reading and writing. What may be absent on the wire
 * without a default is optional; the members of a oneof are optional, one of them is set.
 */
export function renderTypes(root: protobuf.Root, source: string): string {
  const scope = packageOf(root);
  const declarations = declarationsOf(scope);
  const names = new Map(declarations.map(({ name, type }) => [type.fullName, name]));
  const parts = declarations.map(({ name, type }) =>
    type instanceof protobuf.Enum ? renderEnum(name, type) : renderMessage(name, type, names),
  );
  return [
    `// Made from ${source} by \`npm run proto\`; do not edit.`,
    'import type { MessageType } from "../grpc/message-type.ts";',
    "",
    ...parts,
  ].join("\n");
}

function renderMessage(name: string, type: protobuf.Type, names: ReadonlyMap<string, string>): string {
  const fields = type.fieldsArray.map((field) => {
    const isOptional = field.partOf !== null || isNullable(field);
    const text = `  readonly ${field.name}${isOptional ? "?" : ""}: ${typeOf(field, names)};\n`;
    return `${renderComment(field.comment, "  ")}${text}`;
  });
  return (
    `${renderComment(type.comment, "")}export interface ${name} {\n${fields.join("")}}\n` +
    `export const ${name}: MessageType<${name}>;\n`
  );
}

function renderEnum(name: string, type: protobuf.Enum): string {
  const values = Object.entries(type.values).map(
    ([value, number]) =>
      `${renderComment(type.comments[value] ?? null, "  ")}  readonly ${value}: ${number};\n`,
  );
  return (
    `${renderComment(type.comment, "")}export type ${name} = (typeof ${name})[keyof typeof ${name}];\n` +
    `export const ${name}: {\n${values.join("")}};\n`
  );
}

function isNullable(field: protobuf.Field): boolean {
  return !field.repeated && !field.map && field.resolvedType instanceof protobuf.Type;
}

function typeOf(field: protobuf.Field, names: ReadonlyMap<string, string>): string {
  const single = singleTypeOf(field, names);
  if (field.map) return `Readonly<Record<string, ${single}>>`;
  return field.repeated ? `readonly ${single}[]` : single;
}

function singleTypeOf(field: protobuf.Field, names: ReadonlyMap<string, string>): string {
  if (field.resolvedType !== null) {
    const name = names.get(field.resolvedType.fullName);
    if (name === undefined) throw new Error(`${field.fullName} has a type from elsewhere`);
    return name;
  }
  if (field.type === "bytes") return "Uint8Array";
  if (field.type === "bool") return "boolean";
  if (field.type === "string") return "string";
  if (NUMBER_TYPES.has(field.type)) return "number";
  throw new Error(`${field.fullName} has the unknown type ${field.type}`);
}

function renderComment(comment: string | null, indent: string): string {
  if (comment === null) return "";
  const lines = comment.split("\n");
  if (lines.length === 1) return `${indent}/** ${comment} */\n`;
  return `${indent}/**\n${lines.map((line) => `${indent} * ${line}`.trimEnd()).join("\n")}\n${indent} */\n`;
}
