import type { z } from "zod";
import { findNearestWord } from "../core/nearest-word.ts";
import type { JsonNode } from "./json-node.ts";
import { knownKeys, type Shape } from "./json-shape.ts";

/** What was found and what was expected, in the words of the file rather than those of the schema library. */
export function describeIssue(issue: z.core.$ZodIssue, node: JsonNode): string {
  if (issue.code === "invalid_type")
    return `found ${describeNode(node)}, expected ${describeType(issue.expected)}`;
  if (issue.code === "too_small" || issue.code === "too_big")
    return `found ${describeNode(node)}, expected ${issue.code === "too_small" ? `at least ${issue.minimum}` : `at most ${issue.maximum}`}`;
  return issue.message;
}

/** For a key of an object that takes no others than those of `shape`. */
export function describeUnknownKey(key: string, shape: Shape): string {
  const keys = knownKeys(shape);
  const nearest = findNearestWord(key, keys);
  const advice = nearest === undefined ? "" : `; did you mean ${nearest}?`;
  return `unknown key, expected ${keys.slice(0, -1).join(", ")} or ${keys.at(-1)}${advice}`;
}

function describeType(expected: string): string {
  if (expected === "bigint") return "an integer without fraction or exponent";
  // A map of the operator's own keys.
  if (expected === "record") return "an object";
  return /^[aeiou]/.test(expected) ? `an ${expected}` : `a ${expected}`;
}

function describeNode(node: JsonNode): string {
  switch (node.kind) {
    case "string":
      return JSON.stringify(node.value.length > 60 ? `${node.value.slice(0, 60)}…` : node.value);
    case "number":
      return node.text.slice(0, 60);
    case "array":
    case "object":
      return `an ${node.kind}`;
    default:
      return node.kind;
  }
}
