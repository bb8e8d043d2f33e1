import { expect, it } from "vitest";

import { formatDecimal } from "../../../src/core/decimal.ts";

it.each([
  [0n, 3, "0"],
  [1n, 3, "0.001"],
  [100n, 3, "0.1"],
  [1_500n, 3, "1.5"],
  [1_234_567n, 3, "1234.567"],
  [-1n, 3, "-0.001"],
  [2_000_000_000n, 9, "2"],
])("formatDecimal(%d, %d) is %s", (value, digits, text) => {
  expect(formatDecimal(value, digits)).toBe(text);
});
