import { InstallerError } from "./errors.ts";
import { formatQuoted } from "./quote.ts";

const DISPLAY_UNITS = [
  ["TiB", 40n],
  ["GiB", 30n],
  ["MiB", 20n],
  ["KiB", 10n],
] as const;

/**
 * A byte count for people: binary units, a larger one only above 100 of it or when exact (spec/lifecycle.md section 3):
 * `7 B`, `1935 KiB`, `1 GiB`.
 */
export function formatBytes(sizeBytes: bigint | number): string {
  const size = BigInt(sizeBytes);
  for (const [unit, shift] of DISPLAY_UNITS) {
    const count = size >> shift;
    const isExact = count > 0n && count << shift === size;
    if (count > 100n || isExact) return `${count} ${unit}`;
  }
  return `${size} B`;
}

/** In the order in which a printed size looks for a unit that divides it. */
const UNITS = [
  ["EiB", 2n ** 60n],
  ["PiB", 2n ** 50n],
  ["TiB", 2n ** 40n],
  ["GiB", 2n ** 30n],
  ["MiB", 2n ** 20n],
  ["KiB", 2n ** 10n],
  ["EB", 10n ** 18n],
  ["PB", 10n ** 15n],
  ["TB", 10n ** 12n],
  ["GB", 10n ** 9n],
  ["MB", 10n ** 6n],
  ["kB", 10n ** 3n],
] as const;

/** Every suffix of a size; single letters are binary multipliers. */
const SUFFIXES: ReadonlyMap<string, bigint> = new Map<string, bigint>([
  ...UNITS,
  ...UNITS.slice(0, 6).map(([unit, factor]) => [unit.charAt(0), factor] as const),
  ["B", 1n],
  ["", 1n],
]);

const SIZE = /^(.*?)([EPTGM]i?B|KiB|kB|[EPTGMKB]|)$/s;

const MAX_SIZE = 2n ** 64n - 1n;

/** 20 digits and room for leading zeroes. */
const MAX_DIGITS = 1024;

/**
 * Bytes of a size such as `10MiB`, `10M` or `5MB` (spec/cli.md section 4). Unlike the original, decimal suffixes work and
 * a result beyond 64 bits is an error. Throws E_VALUE_SYNTAX or E_VALUE_RANGE with the words of Go's `strconv`.
 */
export function parseSize(text: string): bigint {
  const [, digits = "", suffix = ""] = SIZE.exec(text) ?? [];
  if (digits.length > MAX_DIGITS || !/^[0-9]+$/.test(digits)) {
    throw new InstallerError(
      "E_VALUE_SYNTAX",
      `strconv.ParseUint: parsing ${formatQuoted(digits)}: invalid syntax`,
    );
  }
  const count = BigInt(digits);
  if (count > MAX_SIZE) throw outOfRange(digits);
  const size = count * (SUFFIXES.get(suffix) ?? 1n);
  if (size > MAX_SIZE) throw outOfRange(text);
  return size;
}

function outOfRange(text: string): InstallerError {
  const message = `strconv.ParseUint: parsing ${formatQuoted(text)}: value out of range`;
  return new InstallerError("E_VALUE_RANGE", message);
}

/** The shortest exact form that parseSize reads back: `10MiB`, `5kB`, `1023B`, `0B`. */
export function formatSize(sizeBytes: bigint | number): string {
  const size = BigInt(sizeBytes);
  const found = size === 0n ? undefined : UNITS.find(([, factor]) => size % factor === 0n);
  return found === undefined ? `${size}B` : `${size / found[1]}${found[0]}`;
}
