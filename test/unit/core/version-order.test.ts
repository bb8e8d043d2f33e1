import fc from "fast-check";
import { describe, expect, it } from "vitest";

import { compareVersions } from "../../../src/core/version-order.ts";

const anyName = fc
  .array(fc.constantFrom("a", "b", "0", "1", "9", "10", ".", "/", "é", "😀"))
  .map((parts) => parts.join(""));

describe("compareVersions", () => {
  it.each([
    ["", "a", -1],
    ["os/2", "os/10", -1],
    ["os/01", "os/1", 0],
    ["2026-01-02", "2026-1-2", 0],
    ["a1", "aa", -1],
    ["a", "a0", -1],
    ["a007", "a7x", -1],
    ["x-1", "x1", -1],
    ["v1.10", "v1.10.1", -1],
    ["z", "é", -1],
    ["\uffff", "😀", -1],
    ["9223372036854775807", "9223372036854775808", -1],
    ["4611686018427387904", "13835058055282163712", -1],
  ])("orders %j and %j", (left, right, expected) => {
    expect(Math.sign(compareVersions(left, right))).toBe(expected);
    expect(Math.sign(compareVersions(right, left))).toBe(-expected + 0);
  });

  it("is a consistent order", () => {
    fc.assert(
      fc.property(anyName, anyName, anyName, (a, b, c) => {
        const sorted = [a, b, c].toSorted(compareVersions);
        const [first = "", second = "", third = ""] = sorted;
        expect(compareVersions(first, second)).toBeLessThanOrEqual(0);
        expect(compareVersions(second, third)).toBeLessThanOrEqual(0);
        expect(compareVersions(first, third)).toBeLessThanOrEqual(0);
      }),
    );
  });

  it("orders numbers of any length by value", () => {
    fc.assert(
      fc.property(
        fc.bigInt({ min: 0n, max: 10n ** 60n }),
        fc.bigInt({ min: 0n, max: 10n ** 60n }),
        (a, b) => {
          const expected = a < b ? -1 : a > b ? 1 : 0;
          expect(Math.sign(compareVersions(`os/${a}`, `os/${b}`))).toBe(expected);
        },
      ),
    );
  });
});
