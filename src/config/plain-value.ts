import type { JsonNode } from "./json-node.ts";
import { findKnownKey, memberShape, type Shape } from "./json-shape.ts";

type PlainObject = { [key: string]: unknown };

/**
 * The value without positions, for a schema: known keys in their one spelling, of several the one written last,
 * members that are null left out, integers as bigint (64 bits do not fit a number).
 */
export function toPlainValue(node: JsonNode, shape: Shape): unknown {
  switch (node.kind) {
    case "null":
      return null;
    case "true":
    case "false":
      return node.kind === "true";
    case "string":
      return node.value;
    case "number":
      return /^-?\d+$/.test(node.text) ? BigInt(node.text) : Number(node.text);
    case "array":
      return node.items.map((item) => toPlainValue(item, shape.items ?? {}));
    case "object": {
      // No prototype, so that a key called `__proto__` is a key.
      const plain: PlainObject = Object.create(null) as PlainObject;
      for (const { key, value } of node.members) {
        if (value.kind === "null") continue;
        const spelling = findKnownKey(shape, key) ?? key;
        plain[spelling] = toPlainValue(value, memberShape(shape, spelling));
      }
      return plain;
    }
  }
}
