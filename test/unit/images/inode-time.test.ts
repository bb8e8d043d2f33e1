import fc from "fast-check";
import { expect, test } from "vitest";
import { fileTimeFromNanoseconds, fileTimeOf, nanosecondsOf } from "../../../src/images/inode-time.ts";
import { file } from "../../support/image-trees.ts";

test.each<[bigint, number, bigint, number]>([
  [5n, 7, 5n, 7],
  [-1n, 999_999_999, -1n, 999_999_999],
  [5n, 1_000_000_000, 6n, 0],
  [5n, 2_500_000_001, 7n, 500_000_001],
  [5n, -1, 4n, 999_999_999],
  [-5n, -1_000_000_001, -7n, 999_999_999],
  [1n << 40n, 1, 1n << 40n, 1],
])("%s s and %s ns is %s s and %s ns", (mtimeSeconds, mtimeNanoseconds, seconds, nanoseconds) => {
  expect(fileTimeOf(file("", { mtimeSeconds, mtimeNanoseconds }))).toEqual({ seconds, nanoseconds });
});

test("nanoseconds since 1970 and back", () => {
  fc.assert(
    fc.property(fc.bigInt({ min: -(1n << 70n), max: 1n << 70n }), (total) => {
      const time = fileTimeFromNanoseconds(total);
      expect(time.nanoseconds).toBeGreaterThanOrEqual(0);
      expect(time.nanoseconds).toBeLessThan(1e9);
      expect(nanosecondsOf(time)).toBe(total);
    }),
    { seed: 1, numRuns: 200 },
  );
});
