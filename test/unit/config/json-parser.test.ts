import fc from "fast-check";
import { describe, expect, test } from "vitest";
import type { JsonNode } from "../../../src/config/json-node.ts";
import { JsonSyntaxError, parseJson } from "../../../src/config/json-parser.ts";

function toValue(node: JsonNode): unknown {
  switch (node.kind) {
    case "null":
      return null;
    case "true":
    case "false":
      return node.kind === "true";
    case "number":
      return Number(node.text);
    case "string":
      return node.value;
    case "array":
      return node.items.map(toValue);
    case "object":
      return Object.fromEntries(node.members.map(({ key, value }) => [key, toValue(value)]));
  }
}

function failureOf(text: string): JsonSyntaxError {
  try {
    parseJson(text);
  } catch (error) {
    if (error instanceof JsonSyntaxError) return error;
    throw error;
  }
  throw new Error(`accepted: ${text}`);
}

test("understands what JSON.parse understands", () => {
  const text = fc.oneof(
    fc.json({ maxDepth: 5 }),
    fc.json().map((json) => JSON.stringify(JSON.parse(json), null, 2)),
  );
  fc.assert(
    fc.property(text, (json) => {
      const expected: unknown = JSON.parse(json);
      // A duplicate or `__proto__` key is the business of whoever reads the nodes.
      expect(JSON.stringify(toValue(parseJson(json).node))).toBe(JSON.stringify(expected));
    }),
    { seed: 6, numRuns: 300 },
  );
});

test("agrees with JSON.parse about what is JSON", () => {
  const piece = fc.constantFrom(
    "{",
    "}",
    "[",
    "]",
    ",",
    ":",
    '"a"',
    '"',
    "1",
    "-",
    "01",
    "1.",
    "true",
    "nul",
    " ",
    "\\",
  );
  fc.assert(
    fc.property(fc.array(piece, { maxLength: 8 }), (pieces) => {
      const text = pieces.join("");
      let isJson = true;
      try {
        JSON.parse(text);
      } catch {
        isJson = false;
      }
      let isWhole = false;
      try {
        isWhole = text.slice(parseJson(text).end).trim() === "";
      } catch (error) {
        expect(error).toBeInstanceOf(JsonSyntaxError);
      }
      expect(isWhole).toBe(isJson);
    }),
    { seed: 7, numRuns: 2000 },
  );
});

test("numbers keep their spelling", () => {
  expect(parseJson("18446744073709551615").node).toEqual({
    kind: "number",
    at: 0,
    text: "18446744073709551615",
  });
});

test("nodes know their places, and what follows the value is left alone", () => {
  const { node, end } = parseJson(' {"a": [true]} rest {{{');
  expect(end).toBe(14);
  expect(node).toEqual({
    kind: "object",
    at: 1,
    members: [{ key: "a", keyAt: 2, value: { kind: "array", at: 7, items: [{ kind: "true", at: 8 }] } }],
  });
});

describe("says what is wrong, and where", () => {
  test.each([
    ["", 0, "EOF"],
    ["  \n ", 4, "EOF"],
    ['{"a": 1', 7, "unexpected EOF"],
    ['{"a', 1, "unexpected EOF"],
    ["[1,", 3, "unexpected EOF"],
    ["[1,]", 3, 'found "]", expected a value'],
    ['{"a": 1,}', 8, 'found "}", expected a key in double quotes'],
    ["{a: 1}", 1, 'found "a", expected a key in double quotes'],
    ['{"a" 1}', 5, 'found "1", expected ":" after the key'],
    ['{"a": 1 "b": 2}', 8, 'found "\\"", expected "," or "}"'],
    ["[1 2]", 3, 'found "2", expected "," or "]"'],
    ['{"a": yes}', 6, 'found "yes", expected a value'],
    ["[01]", 2, 'found "1", expected "," or "]"'],
    ['["a\nb"]', 1, "found a string that is not closed"],
    ['["a\tb"]', 3, "found a control character in a string"],
    ['["\\x"]', 1, "found an escape that JSON does not have"],
    [`[${"1".repeat(101)}]`, 1, "found a number of 101 characters"],
  ])("%j at %i: %s", (text, at, message) => {
    const failure = failureOf(text);
    expect([failure.at, failure.message]).toEqual([at, message]);
  });

  test("values nested too deeply", () => {
    expect(failureOf("[".repeat(100_000)).message).toBe("nested more than 64 deep");
  });

  test("too many values", () => {
    expect(failureOf(`[${"1,".repeat(200_001)}1]`).message).toBe("more than 200000 values");
  });
});
