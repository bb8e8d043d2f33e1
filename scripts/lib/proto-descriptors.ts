import protobuf from "protobufjs";
import descriptor, { type IDescriptorProto, type IFieldDescriptorProto } from "protobufjs/ext/descriptor.js";
import { type ProtoFile, packageOf, parseProto } from "./proto-files.ts";

const LABELS = valuesOf("Label");
const TYPES = valuesOf("Type");

/** A TypeScript module with the descriptors of the given files, for server reflection. */
export function renderDescriptors(files: readonly ProtoFile[]): string {
  const entries = files.map((file) => {
    const scope = packageOf(parseProto(file));
    return {
      name: file.publicName,
      services: scope.nestedArray.filter((object) => object instanceof protobuf.Service).map(fullName),
      symbols: symbolsOf(scope),
      base64: Buffer.from(encodeFile(file.publicName, scope)).toString("base64"),
    };
  });
  return `// Made by \`npm run proto\`; do not edit.
/** A .proto file as google.protobuf.FileDescriptorProto. */
export interface FileDescriptor {
  readonly name: string;
  /** Full names. */
  readonly services: readonly string[];
  /** Full names of everything that it declares: services, methods, messages and enums. */
  readonly symbols: readonly string[];
  readonly base64: string;
}

export const FILE_DESCRIPTORS: readonly FileDescriptor[] = ${JSON.stringify(entries, undefined, 2)};
`;
}

/**
 * google.protobuf.FileDescriptorProto (descriptor.proto) as protoc makes it. The one of protobuf.js itself names the
 * entries of maps in a way that strict clients refuse.
 */
function encodeFile(name: string, scope: protobuf.NamespaceBase): Uint8Array {
  return descriptor.FileDescriptorProto.encode(
    descriptor.FileDescriptorProto.create({
      name,
      package: fullName(scope),
      messageType: only(scope, protobuf.Type).map(messageOf),
      enumType: only(scope, protobuf.Enum).map(enumOf),
      service: only(scope, protobuf.Service).map(serviceOf),
      syntax: "proto3",
    }),
  ).finish();
}

function messageOf(type: protobuf.Type): IDescriptorProto {
  const oneofs = type.oneofsArray;
  const maps = type.fieldsArray.filter((field) => field instanceof protobuf.MapField);
  return {
    name: type.name,
    field: type.fieldsArray.map((field) => fieldOf(field, oneofs)),
    nestedType: [...only(type, protobuf.Type).map(messageOf), ...maps.map(mapEntryOf)],
    enumType: only(type, protobuf.Enum).map(enumOf),
    oneofDecl: oneofs.map(({ name }) => ({ name: wireName(name) })),
  };
}

function fieldOf(field: protobuf.Field, oneofs: readonly protobuf.OneOf[]): IFieldDescriptorProto {
  const mapEntry = field instanceof protobuf.MapField ? mapEntryName(field) : undefined;
  const { partOf } = field;
  return {
    name: wireName(field.name),
    jsonName: field.name,
    number: field.id,
    label:
      field.repeated || field.map ? numberOf(LABELS, "LABEL_REPEATED") : numberOf(LABELS, "LABEL_OPTIONAL"),
    ...(mapEntry === undefined
      ? typeOf(field)
      : { type: numberOf(TYPES, "TYPE_MESSAGE"), typeName: `${field.parent?.fullName}.${mapEntry}` }),
    ...(partOf === null ? {} : { oneofIndex: oneofs.indexOf(partOf) }),
    // A field with `optional` is the only member of a oneof that the parser made up for it.
    ...(partOf?.isProto3Optional === true ? { proto3Optional: true } : {}),
  };
}

function mapEntryOf(field: protobuf.MapField): IDescriptorProto {
  const member = (name: string, number: number, type: ReturnType<typeof typeOf>): IFieldDescriptorProto => ({
    name,
    jsonName: name,
    number,
    label: numberOf(LABELS, "LABEL_OPTIONAL"),
    ...type,
  });
  return {
    name: mapEntryName(field),
    field: [member("key", 1, { type: scalarOf(field.keyType) }), member("value", 2, typeOf(field))],
    options: { mapEntry: true },
  };
}

/** As protoc names it: `FieldsEntry` for `fields`. */
function mapEntryName(field: protobuf.MapField): string {
  return `${field.name.slice(0, 1).toUpperCase()}${field.name.slice(1)}Entry`;
}

function typeOf(
  field: Pick<protobuf.Field, "type" | "resolvedType">,
): Pick<IFieldDescriptorProto, "type" | "typeName"> {
  if (field.resolvedType === null) return { type: scalarOf(field.type) };
  const type =
    field.resolvedType instanceof protobuf.Enum
      ? numberOf(TYPES, "TYPE_ENUM")
      : numberOf(TYPES, "TYPE_MESSAGE");
  return { type, typeName: field.resolvedType.fullName };
}

function scalarOf(type: string): number {
  return numberOf(TYPES, `TYPE_${type.toUpperCase()}`);
}

function valuesOf(name: "Label" | "Type"): Readonly<Record<string, unknown>> {
  return Object(descriptor.FieldDescriptorProto[name]);
}

function numberOf(values: Readonly<Record<string, unknown>>, name: string): number {
  const number = values[name];
  if (typeof number !== "number") throw new Error(`descriptor.proto has no ${name}`);
  return number;
}

function enumOf(type: protobuf.Enum): {
  readonly name: string;
  readonly value: { name: string; number: number }[];
} {
  return { name: type.name, value: Object.entries(type.values).map(([name, number]) => ({ name, number })) };
}

function serviceOf(service: protobuf.Service): { readonly name: string; readonly method: object[] } {
  const method = service.methodsArray.map(({ name, requestStream, responseStream, ...types }) => ({
    name,
    inputType: types.resolvedRequestType?.fullName ?? "",
    outputType: types.resolvedResponseType?.fullName ?? "",
    ...(requestStream === true ? { clientStreaming: true } : {}),
    ...(responseStream === true ? { serverStreaming: true } : {}),
  }));
  return { name: service.name, method };
}

/** `stepId` as it stands in the .proto file: step_id. */
function wireName(name: string): string {
  return name.replaceAll(/[A-Z]/g, (letter) => `_${letter.toLowerCase()}`);
}

function only<T>(scope: protobuf.NamespaceBase, kind: abstract new (...args: never[]) => T): T[] {
  return scope.nestedArray.filter(
    (object): object is protobuf.ReflectionObject & T => object instanceof kind,
  );
}

function symbolsOf(scope: protobuf.NamespaceBase): readonly string[] {
  return scope.nestedArray.flatMap((object) => {
    if (object instanceof protobuf.Service)
      return [fullName(object), ...object.methodsArray.map((method) => `${fullName(object)}.${method.name}`)];
    return object instanceof protobuf.Type ? [fullName(object), ...symbolsOf(object)] : [fullName(object)];
  });
}

/** As protobuf writes it, without the dot in front. */
function fullName(object: protobuf.ReflectionObject): string {
  return object.fullName.slice(1);
}
