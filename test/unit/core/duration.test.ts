import fc from "fast-check";
import { describe, expect, it } from "vitest";

import {
  formatDisplayDuration,
  formatGoDuration,
  formatSeconds,
  millisecondsOf,
  parseGoDuration,
} from "../../../src/core/duration.ts";
import { InstallerError } from "../../../src/core/errors.ts";

const MAX = 2n ** 63n - 1n;
const anyDuration = fc.bigInt({ min: -(2n ** 63n), max: MAX });

describe("parseGoDuration", () => {
  it.each([
    ["0", 0n],
    ["-0", 0n],
    ["1h30m", 5_400_000_000_000n],
    ["-1.5h", -5_400_000_000_000n],
    ["+5s", 5_000_000_000n],
    [".5s", 500_000_000n],
    ["5.s", 5_000_000_000n],
    ["100us", 100_000n],
    ["100µs", 100_000n],
    ["100μs", 100_000n],
    ["0.3333333333333333333h", 1_200_000_000_000n],
    ["0.9223372036854775807h", 3_320_413_933_267n],
    ["0.100000000000000000000h", 360_000_000_000n],
    ["0.830103483285477580700h", 2_988_372_539_827n],
    [`0.${"0".repeat(2000)}1h`, 0n],
    ["1s1s1s", 3_000_000_000n],
    ["9223372036854775807ns", MAX],
    ["-9223372036854775808ns", -MAX - 1n],
  ])("reads %s", (text, nanoseconds) => {
    expect(parseGoDuration(text)).toBe(nanoseconds);
  });

  it.each([
    ["", 'time: invalid duration ""'],
    ["-", 'time: invalid duration "-"'],
    ["--1s", 'time: invalid duration "--1s"'],
    [".s", 'time: invalid duration ".s"'],
    ["5", 'time: missing unit in duration "5"'],
    ["1.2.3s", 'time: missing unit in duration "1.2.3s"'],
    ["1 s", 'time: unknown unit " s" in duration "1 s"'],
    ["1h 30m", 'time: unknown unit "h " in duration "1h 30m"'],
    ["1é", 'time: unknown unit "\\xc3\\xa9" in duration "1\\xc3\\xa9"'],
    ['1"\n', 'time: unknown unit "\\"\\x0a" in duration "1\\"\\x0a"'],
    ["9223372036854775808ns", 'time: invalid duration "9223372036854775808ns"'],
    ["9223372036854775809x", 'time: invalid duration "9223372036854775809x"'],
    ["2562048h", 'time: invalid duration "2562048h"'],
    [`${"9".repeat(5000)}h`, `time: invalid duration "${"9".repeat(5000)}h"`],
  ])("refuses %j", (text, message) => {
    expect(() => parseGoDuration(text)).toThrow(new InstallerError("E_VALUE_SYNTAX", message));
  });

  it("reads back what formatGoDuration prints", () => {
    fc.assert(
      fc.property(anyDuration, (value) => {
        expect(parseGoDuration(formatGoDuration(value))).toBe(value);
      }),
    );
  });

  it("throws nothing but E_VALUE_SYNTAX, whatever the text", () => {
    const pieces = fc.constantFrom(
      "1",
      "0",
      "9999999999999999999",
      ".",
      "h",
      "m",
      "s",
      "ns",
      "µs",
      "-",
      "+",
      " ",
      "😀",
    );
    fc.assert(
      fc.property(
        fc.oneof(
          fc.array(pieces).map((parts) => parts.join("")),
          fc.string(),
        ),
        (text) => {
          try {
            expect(typeof parseGoDuration(text)).toBe("bigint");
          } catch (error) {
            expect(error).toMatchObject({ code: "E_VALUE_SYNTAX" });
          }
        },
      ),
    );
  });
});

describe("formatDisplayDuration", () => {
  it.each([
    [0n, "0s"],
    [999n, "999ns"],
    [52_329n, "52.3µs"],
    [999_999n, "1e+03µs"],
    [1_234_567n, "1.23ms"],
    [100_000_000n, "100ms"],
    [5_184_000_000n, "5.18s"],
    [59_999_000_000n, "60s"],
    [61_500_000_000n, "1m1s"],
    [3_661_000_000_001n, "1h1m1s"],
    [86_400_000_000_000n, "1d0s"],
    [694_861_000_000_000n, "1w1d1h1m1s"],
    [31_557_600_000_000_000n, "1y0w0d0s"],
    [-1_500n, "-1.5µs"],
  ])("prints %d ns as %s", (nanoseconds, text) => {
    expect(formatDisplayDuration(nanoseconds)).toBe(text);
  });

  it("shows at most three significant digits below a minute", () => {
    fc.assert(
      fc.property(fc.bigInt({ min: 1n, max: 59_900_000_000n }), (value) => {
        const digits = formatDisplayDuration(value).replace(/^0\.0*|e\+03|[^0-9]/g, "");
        expect(digits.length).toBeLessThanOrEqual(3);
      }),
    );
  });
});

it.each([
  [0, "0s"],
  [42, "42s"],
  [3_600, "1h0m0s"],
])("formatSeconds(%d) is %s", (seconds, text) => {
  expect(formatSeconds(seconds)).toBe(text);
});

it("millisecondsOf keeps fractions", () => {
  expect(millisecondsOf(1_500_000n)).toBe(1.5);
});
