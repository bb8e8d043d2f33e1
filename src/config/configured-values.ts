import { type JsonNode, type Position, positionOf } from "./json-node.ts";
import { findPlace, type JsonPath } from "./json-place.ts";
import { knownKeys, memberShape, type Shape } from "./json-shape.ts";
import type { JsonSource } from "./json-source.ts";

/** A value that the installation works with, and where it comes from. */
export interface ConfiguredValue {
  /** In the spelling of the documentation. */
  readonly key: string;
  /** A plain value; integers that a number cannot hold as text. */
  readonly value: unknown;
  /** Undefined: not in the file, this is the default. */
  readonly position: Position | undefined;
}

/** Every value of a file, in the order of the documentation; what has no default and is not there is left out. */
export function listValues({ root, text }: JsonSource, shape: Shape): readonly ConfiguredValue[] {
  return visit(root, shape, "", text);
}

function visit(
  node: JsonNode | undefined,
  shape: Shape,
  key: string,
  text: string,
): readonly ConfiguredValue[] {
  if (node === undefined) return visitAbsent(shape, key, text);
  switch (node.kind) {
    case "array":
      return node.items.flatMap((item, index) => visit(item, shape.items ?? {}, `${key}[${index}]`, text));
    case "object":
      return shape.properties === undefined
        ? node.members.flatMap((member) =>
            visit(member.value, memberShape(shape, member.key), join(key, member.key), text),
          )
        : visitKnown(node, shape, key, text);
    default:
      return [{ key, value: scalarOf(node), position: positionOf(text, node.at) }];
  }
}

/** An object that is not there may still have members with defaults. */
function visitAbsent(shape: Shape, key: string, text: string): readonly ConfiguredValue[] {
  if (!("default" in shape)) return [];
  if (shape.properties !== undefined) return visitKnown(undefined, shape, key, text);
  return [{ key, value: shape.default, position: undefined }];
}

function visitKnown(
  node: JsonNode | undefined,
  shape: Shape,
  key: string,
  text: string,
): readonly ConfiguredValue[] {
  return knownKeys(shape).flatMap((name) =>
    visit(memberOf(node, shape, [name]), memberShape(shape, name), join(key, name), text),
  );
}

function memberOf(node: JsonNode | undefined, shape: Shape, path: JsonPath): JsonNode | undefined {
  return node === undefined ? undefined : findPlace(node, shape, path).member?.value;
}

function join(key: string, name: string): string {
  return key === "" ? name : `${key}.${name}`;
}

function scalarOf(node: JsonNode): unknown {
  switch (node.kind) {
    case "true":
    case "false":
      return node.kind === "true";
    case "string":
      return node.value;
    case "number":
      return Number.isSafeInteger(Number(node.text)) ? Number(node.text) : node.text;
    default:
      return null;
  }
}
