import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { type Json, parseJson } from "../../../../src/rpc/json/parse.ts";

const DEPTH = 10;

/** As JSON.parse understands it, which is right but for large integers. */
function plain(json: Json): unknown {
  if (typeof json === "bigint") return Number(json);
  if (json instanceof Map)
    return Object.fromEntries([...json].map(([name, member]) => [name, plain(member as Json)]));
  return Array.isArray(json) ? json.map((element: Json) => plain(element)) : json;
}

describe("parseJson", () => {
  it("understands what JSON.parse understands", () => {
    const spaces = fc.constantFrom(undefined, "\t", 2);
    fc.assert(
      fc.property(fc.json({ maxDepth: 5 }), spaces, (json, space) => {
        const text = JSON.stringify(JSON.parse(json), null, space);
        expect(plain(parseJson(text, DEPTH))).toEqual(JSON.parse(text));
      }),
    );
  });

  it("refuses what JSON.parse refuses", () => {
    const tokens = [
      "{",
      "}",
      "[",
      "]",
      ",",
      ":",
      '"a"',
      '"',
      "\\",
      "1",
      "-",
      ".5",
      "e1",
      "01",
      "null",
      "tru",
      " ",
      "\n",
    ];
    fc.assert(
      fc.property(fc.array(fc.constantFrom(...tokens), { maxLength: 8 }), (parts) => {
        const text = parts.join("");
        let expected: unknown;
        try {
          expected = { value: JSON.parse(text) };
        } catch {
          expected = "E_JSON_MESSAGE";
        }
        let found: unknown;
        try {
          found = { value: plain(parseJson(text, DEPTH)) };
        } catch (error) {
          found = error instanceof Error && "code" in error ? error.code : error;
        }
        expect(found).toEqual(expected);
      }),
      { numRuns: 2000 },
    );
  });

  it("keeps every digit of integers, and tells them from other numbers", () => {
    expect(parseJson("[18446744073709551615, -9223372036854775808, 0, -0, 1.0, 1e2]", DEPTH)).toEqual([
      18_446_744_073_709_551_615n,
      -9_223_372_036_854_775_808n,
      0n,
      0n,
      1,
      100,
    ]);
    expect(parseJson("9".repeat(100_000), DEPTH)).toBe(Number.POSITIVE_INFINITY);
  });

  it("takes every name for an ordinary one, and the last of two alike", () => {
    expect(parseJson('{"__proto__":{"a":true},"a":false,"a":null,"constructor":[]}', DEPTH)).toEqual(
      new Map<string, unknown>([
        ["__proto__", new Map([["a", true]])],
        ["a", null],
        ["constructor", []],
      ]),
    );
  });

  it.each([
    '"a\nb"',
    '"\u0000"',
    '"\\x"',
    '"\\u12"',
    '"\\',
    "nul",
    "+1",
    "[1,]",
    '{"a":1,}',
    "1 2",
    "",
    "'a'",
  ])("refuses %j", (text) => {
    expect(() => parseJson(text, DEPTH)).toThrow(expect.objectContaining({ code: "E_JSON_MESSAGE" }));
  });

  it("refuses what is nested too deeply", () => {
    expect(parseJson("[[[]]]", 3)).toEqual([[[]]]);
    expect(() => parseJson("[[[[1]]]]", 3)).toThrow("more than 3 objects and lists inside each other");
    expect(() => parseJson("[".repeat(1_000_000), 100)).toThrow("more than 100 objects and lists");
  });
});
