import fc from "fast-check";
import { describe, expect, it } from "vitest";

import { InstallerError } from "../../../src/core/errors.ts";
import { parseInteger, saturatedNumber } from "../../../src/core/integer.ts";

describe("parseInteger", () => {
  it.each([
    ["0", 0n],
    ["-1", -1n],
    ["+7", 7n],
    ["0x1F", 31n],
    ["-0X1f", -31n],
    ["0b101", 5n],
    ["0o17", 15n],
    ["017", 15n],
    ["1_000_000", 1_000_000n],
    ["0_7", 7n],
    ["0x_f", 15n],
    ["9223372036854775807", 2n ** 63n - 1n],
    ["-9223372036854775808", -(2n ** 63n)],
  ])("reads %s", (text, value) => {
    expect(parseInteger(text, "int64")).toBe(value);
  });

  it.each([
    "",
    "-",
    "+-1",
    "abc",
    "1.5",
    "0x",
    "0b2",
    "08",
    "_1",
    "1_",
    "1__0",
    "0x1_",
    " 1",
    "1 ",
    "1e3",
    "٣",
  ])("refuses %j", (text) => {
    expect(() => parseInteger(text, "int64")).toThrow(new InstallerError("E_VALUE_SYNTAX", "parse error"));
  });

  it.each(["-1", "+1"])("refuses the sign of an unsigned %s", (text) => {
    expect(() => parseInteger(text, "uint64")).toThrow(new InstallerError("E_VALUE_SYNTAX", "parse error"));
  });

  it.each([
    ["9223372036854775808", "int64"],
    ["-9223372036854775809", "int64"],
    ["18446744073709551616", "uint64"],
    ["0x10000000000000000", "uint64"],
  ] as const)("refuses %s as %s", (text, type) => {
    expect(() => parseInteger(text, type)).toThrow(new InstallerError("E_VALUE_RANGE", "value out of range"));
  });

  it("reads every 64-bit integer in every base", () => {
    const prefixes = [
      ["", 10],
      ["0x", 16],
      ["0o", 8],
      ["0", 8],
      ["0b", 2],
    ] as const;
    fc.assert(
      fc.property(
        fc.bigInt({ min: 0n, max: 2n ** 64n - 1n }),
        fc.constantFrom(...prefixes),
        (value, [prefix, base]) => {
          expect(parseInteger(prefix + value.toString(base), "uint64")).toBe(value);
        },
      ),
    );
  });
});

it.each([
  [5n, 5],
  [2n ** 64n, Number.MAX_SAFE_INTEGER],
  [-(2n ** 63n), Number.MIN_SAFE_INTEGER],
])("saturatedNumber(%d) is %d", (value, expected) => {
  expect(saturatedNumber(value)).toBe(expected);
});
