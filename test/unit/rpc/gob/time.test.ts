import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { formatTime, isZeroTime, parseTime, ZERO_TIME } from "../../../../src/rpc/gob/time.ts";

const INSTANT = { seconds: 1_700_000_000n, nanoseconds: 123_456_789 };

describe("the binary form of time.Time", () => {
  it.each([
    ["010000000edce5e800075bcd15ffff", { ...INSTANT, offsetSeconds: 0 }],
    ["010000000edce5e800075bcd15005a", { ...INSTANT, offsetSeconds: 5400 }],
    ["010000000edce5e800075bcd15fe20", { ...INSTANT, offsetSeconds: -28_800 }],
    ["020000000edce5e800075bcd15003d01", { ...INSTANT, offsetSeconds: 3661 }],
    ["010000000e7791f6ff3b9ac9ffffff", { seconds: -1n, nanoseconds: 999_999_999, offsetSeconds: 0 }],
    ["01000000000000000000000000ffff", ZERO_TIME],
  ])("reads and writes %s", (hex, time) => {
    expect(parseTime(Buffer.from(hex, "hex"))).toEqual(time);
    expect(formatTime(time).toString("hex")).toBe(hex);
  });

  it("takes offset 0 for UTC as well", () => {
    expect(parseTime(Buffer.from("010000000edce5e800075bcd150000", "hex"))).toEqual({
      ...INSTANT,
      offsetSeconds: 0,
    });
  });

  it("reads the seconds of a zone west of UTC as every Go reader does", () => {
    expect(parseTime(Buffer.from("020000000edce5e800075bcd15ffc3ff", "hex")).offsetSeconds).toBe(-3405);
  });

  it.each([
    ["no bytes", ""],
    ["14 bytes", "010000000edce5e800075bcd15ff"],
    ["16 bytes of version 1", "010000000edce5e800075bcd15ffff00"],
    ["15 bytes of version 2", "020000000edce5e800075bcd15ffff"],
    ["version 3", "030000000edce5e800075bcd15ffff"],
    ["a billion nanoseconds", "010000000edce5e8003b9aca00ffff"],
  ])("refuses %s", (_what, hex) => {
    expect(() => parseTime(Buffer.from(hex, "hex"))).toThrow(
      expect.objectContaining({ code: "E_GOB_CORRUPT" }),
    );
  });

  it("returns what was written", () => {
    fc.assert(
      fc.property(
        fc.bigInt({ min: -(2n ** 40n), max: 2n ** 40n }),
        fc.nat({ max: 999_999_999 }),
        fc.integer({ min: -86_400, max: 86_400 }).filter((offset) => offset !== -60),
        (seconds, nanoseconds, offsetSeconds) => {
          const time = { seconds, nanoseconds, offsetSeconds };
          expect(parseTime(formatTime(time))).toEqual(time);
        },
      ),
      { seed: 1 },
    );
  });

  it("knows the zero time in any zone", () => {
    expect(isZeroTime(ZERO_TIME)).toBe(true);
    expect(isZeroTime({ ...ZERO_TIME, offsetSeconds: 3600 })).toBe(true);
    expect(isZeroTime({ ...ZERO_TIME, nanoseconds: 1 })).toBe(false);
  });
});
