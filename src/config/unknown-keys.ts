import { findNearestWord } from "../core/nearest-word.ts";
import type { JsonMember, JsonNode } from "./json-node.ts";
import { findKnownKey, knownKeys, memberShape, type Shape } from "./json-shape.ts";

/** A key that nothing reads. */
export interface UnknownKey {
  readonly keyAt: number;
  readonly spelling: string;
  readonly message: string;
}

/**
 * Keys that the original would ignore, in the order of the file, with the nearest known key of the same object. Objects
 * that refuse unknown keys are the schema's to complain about.
 */
export function findUnknownKeys(node: JsonNode, shape: Shape, spelling = ""): readonly UnknownKey[] {
  if (node.kind === "array")
    return node.items.flatMap((item, index) =>
      findUnknownKeys(item, shape.items ?? {}, `${spelling}[${index}]`),
    );
  if (node.kind !== "object") return [];
  const prefix = spelling === "" ? "" : `${spelling}.`;
  return node.members.flatMap((member): readonly UnknownKey[] => {
    const known = findKnownKey(shape, member.key);
    if (known !== undefined)
      return findUnknownKeys(member.value, memberShape(shape, known), prefix + member.key);
    if (shape.properties === undefined || shape.additionalProperties === false) return [];
    return [describe(member, shape, prefix)];
  });
}

function describe({ key, keyAt }: JsonMember, shape: Shape, prefix: string): UnknownKey {
  const nearest = findNearestWord(key, knownKeys(shape));
  const advice = nearest === undefined ? "" : `; did you mean ${nearest}?`;
  return { keyAt, spelling: prefix + key, message: `unknown key, ignored${advice}` };
}
