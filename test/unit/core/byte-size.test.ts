import fc from "fast-check";
import { describe, expect, it } from "vitest";

import { formatBytes, formatSize, parseSize } from "../../../src/core/byte-size.ts";
import { InstallerError } from "../../../src/core/errors.ts";

const anySize = fc.bigInt({ min: 0n, max: 2n ** 64n - 1n });

describe("formatBytes", () => {
  it.each([
    [0, "0 B"],
    [1023, "1023 B"],
    [1024, "1 KiB"],
    [1025, "1025 B"],
    [102_401, "102401 B"],
    [103_424, "101 KiB"],
    [1_048_575, "1023 KiB"],
    [13_153_280, "12845 KiB"],
    [1_073_741_825, "1024 MiB"],
    [2n ** 64n - 1n, "16777215 TiB"],
  ])("prints %s as %s", (size, text) => {
    expect(formatBytes(size)).toBe(text);
  });
});

describe("parseSize", () => {
  it.each([
    ["0", 0n],
    ["5B", 5n],
    ["16K", 16_384n],
    ["16KiB", 16_384n],
    ["10M", 10_485_760n],
    ["3PiB", 3_377_699_720_527_872n],
    ["15E", 15n * 2n ** 60n],
    ["18446744073709551615", 2n ** 64n - 1n],
  ])("reads %s", (text, size) => {
    expect(parseSize(text)).toBe(size);
  });

  it.each([
    ["5kB", 5_000n],
    ["5MB", 5_000_000n],
    ["18EB", 18n * 10n ** 18n],
  ])("reads the decimal suffix of %s, unlike the original", (text, size) => {
    expect(parseSize(text)).toBe(size);
  });

  it.each([
    ["", 'strconv.ParseUint: parsing "": invalid syntax'],
    ["MiB", 'strconv.ParseUint: parsing "": invalid syntax'],
    ["5KB", 'strconv.ParseUint: parsing "5K": invalid syntax'],
    ["5k", 'strconv.ParseUint: parsing "5k": invalid syntax'],
    ["-1", 'strconv.ParseUint: parsing "-1": invalid syntax'],
    ["1.5M", 'strconv.ParseUint: parsing "1.5": invalid syntax'],
    ["5 M", 'strconv.ParseUint: parsing "5 ": invalid syntax'],
    ["10mib", 'strconv.ParseUint: parsing "10mib": invalid syntax'],
    ["1K1", 'strconv.ParseUint: parsing "1K1": invalid syntax'],
    ["1\nM", 'strconv.ParseUint: parsing "1\\n": invalid syntax'],
  ])("refuses %j", (text, message) => {
    expect(() => parseSize(text)).toThrow(new InstallerError("E_VALUE_SYNTAX", message));
  });

  it.each([
    ["18446744073709551616", 'strconv.ParseUint: parsing "18446744073709551616": value out of range'],
    ["16EiB", 'strconv.ParseUint: parsing "16EiB": value out of range'],
    ["19EB", 'strconv.ParseUint: parsing "19EB": value out of range'],
  ])("refuses %s, which does not fit into 64 bits", (text, message) => {
    expect(() => parseSize(text)).toThrow(new InstallerError("E_VALUE_RANGE", message));
  });

  it("reads back what formatSize prints", () => {
    const factors = fc.constantFrom(1n, 1000n, 1024n, 10n ** 9n, 2n ** 40n);
    fc.assert(
      fc.property(anySize, factors, (size, factor) => {
        const rounded = (size / factor) * factor;
        expect(parseSize(formatSize(rounded))).toBe(rounded);
      }),
    );
  });

  it("throws nothing but its two codes, whatever the text", () => {
    const pieces = fc.constantFrom("1", "99999999999", "K", "k", "i", "B", "E", "M", "-", " ", "\n", "é");
    fc.assert(
      fc.property(fc.array(pieces), (parts) => {
        try {
          expect(typeof parseSize(parts.join(""))).toBe("bigint");
        } catch (error) {
          expect(["E_VALUE_SYNTAX", "E_VALUE_RANGE"]).toContain((error as InstallerError).code);
        }
      }),
    );
  });
});

describe("formatSize", () => {
  it.each([
    [0, "0B"],
    [1000, "1kB"],
    [1023, "1023B"],
    [1536, "1536B"],
    [10_485_760, "10MiB"],
    [1_154_047_404_513_689_600n, "1025PiB"],
  ])("prints %s as %s", (size, text) => {
    expect(formatSize(size)).toBe(text);
  });
});
