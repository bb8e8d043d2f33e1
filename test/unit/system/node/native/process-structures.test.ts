import { describe, expect, it } from "vitest";
import {
  encodeSignalSet,
  encodeStringTable,
  encodeWindowSize,
  exitCodeOf,
} from "../../../../../src/system/node/native/process-structures.ts";

describe("encodeStringTable", () => {
  it("points at each string and ends with a null pointer", () => {
    const start = 0x7f00_0000_1000n;
    const table = encodeStringTable(["sh", "", "-ü"], () => start);
    const strings = [0, 8, 16].map((offset) => {
      const at = Number(table.readBigUInt64LE(offset) - start);
      return table.toString("utf8", at, table.indexOf(0, at));
    });
    expect(strings).toEqual(["sh", "", "-ü"]);
    expect(table.readBigUInt64LE(24)).toBe(0n);
    expect(table.at(-1)).toBe(0);
  });

  it("is a null pointer without strings", () => {
    expect(encodeStringTable([], () => 1n)).toEqual(Buffer.alloc(8));
  });

  it("refuses a string that the program would see cut short", () => {
    expect(() => encodeStringTable(["a\0b"], () => 0n)).toThrow("EINVAL");
  });
});

it("a full signal set has all signals, those that the C library keeps for itself as well", () => {
  const empty = encodeSignalSet("empty");
  expect(empty).toEqual(Buffer.alloc(128));
  expect(encodeSignalSet("full")).toEqual(Buffer.concat([Buffer.alloc(8, 0xff), empty.subarray(8)]));
});

it.each([
  ["an exit code", 0x0300, 3],
  ["success", 0, 0],
  ["a signal", 9, 137],
  ["a signal with a core dump", 0x80 | 11, 139],
])("tells %s", (_, status, exitCode) => {
  expect(exitCodeOf(status)).toBe(exitCode);
});

it.each([
  [80, 25, "19005000"],
  [0, 0, "00000000"],
  [70_000, -1, "0000ffff"],
  [Number.NaN, 1.5, "01000000"],
])("a window of %s columns and %s rows", (columns, rows, hex) => {
  expect(encodeWindowSize(columns, rows).toString("hex")).toBe(`${hex}00000000`);
});
