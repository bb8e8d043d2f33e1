import { readFileSync } from "node:fs";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { isMethodMatch } from "../../../../src/rpc/srpc/method-glob.ts";

interface GlobCase {
  readonly pattern: string;
  readonly matches: readonly (readonly [string, boolean])[];
}

const { cases } = JSON.parse(readFileSync("test/vectors/misc/method-globs.json", "utf8")) as {
  readonly cases: readonly GlobCase[];
};

describe("isMethodMatch", () => {
  it.each(cases)("agrees with the original about $pattern", ({ pattern, matches }) => {
    expect(matches.map(([method]) => [method, isMethodMatch(pattern, method)])).toEqual(matches);
  });

  it.each([
    ["A.[a-", "A.a"],
    ["A.[]", "A.]"],
    ["A.[-a]", "A.a"],
    ["A.[a", "A.a"],
    ["A.\\", "A.\\"],
    ["[\\", "["],
  ])("matches nothing with the malformed %s", (pattern, method) => {
    expect(isMethodMatch(pattern, method)).toBe(false);
  });

  it.each([
    ["A.[\\]\\-]", "A.]", true],
    ["A.[\\]\\-]", "A.-", true],
    ["A.\\*", "A.*", true],
    ["A.\\*", "A.x", false],
    ["*/*", "A/B", true],
    ["*", "A/B", false],
    ["?.É", "é.É", true],
  ])("reads %s", (pattern, method, isMatch) => {
    expect(isMethodMatch(pattern, method)).toBe(isMatch);
  });

  it("finds every text that was made from its pattern", () => {
    const piece = fc.constantFrom("*", "?", "a", "b", ".");
    const fill = fc.constantFrom("", "a", "b", ".", "ab");
    const pairs = fc.array(fc.tuple(piece, fill), { maxLength: 12 });
    fc.assert(
      fc.property(pairs, (made) => {
        const pattern = made.map(([token]) => token).join("");
        const text = made
          .map(([token, filling]) => (token === "*" ? filling : token === "?" ? "x" : token))
          .join("");
        expect(isMethodMatch(pattern, text)).toBe(true);
      }),
      { seed: 1, numRuns: 500 },
    );
  });

  it("does not take for ever over many stars", () => {
    expect(isMethodMatch("*a".repeat(200), `${"a".repeat(4000)}b`)).toBe(false);
  });
});
