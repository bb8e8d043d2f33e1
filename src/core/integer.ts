import { InstallerError } from "./errors.ts";

/** The 64-bit integer types of Go. */
export type IntegerType = "int64" | "uint64";

const LIMITS = {
  int64: { min: -(2n ** 63n), max: 2n ** 63n - 1n },
  uint64: { min: 0n, max: 2n ** 64n - 1n },
} as const;

const BASE_OF_PREFIX: Readonly<Record<string, number>> = { b: 2, o: 8, x: 16 };

/**
 * Reads an integer as a Go flag does: base by prefix (`0x`, `0o` or a leading `0`, `0b`), `_` between digits, a sign
 * only for the signed type (spec/cli.md section 4). Throws E_VALUE_SYNTAX (`parse error`) or E_VALUE_RANGE.
 */
export function parseInteger(text: string, type: IntegerType): bigint {
  const sign = type === "int64" ? (/^[+-]/.exec(text)?.[0] ?? "") : "";
  const { base, digits, hasPrefix } = splitBase(text.slice(sign.length));
  const misplacedUnderscore = hasPrefix ? /__|_$/ : /^_|__|_$/;
  const plainDigits = digits.replaceAll("_", "");
  const magnitude = parseDigits(plainDigits, base);
  if (magnitude === undefined || misplacedUnderscore.test(digits)) {
    throw new InstallerError("E_VALUE_SYNTAX", "parse error");
  }
  const value = sign === "-" ? -magnitude : magnitude;
  if (value < LIMITS[type].min || value > LIMITS[type].max) {
    throw new InstallerError("E_VALUE_RANGE", "value out of range");
  }
  return value;
}

interface BasedDigits {
  readonly base: number;
  readonly digits: string;
  /** Whether something before `digits` counts as a digit for the placing of `_`. */
  readonly hasPrefix: boolean;
}

function splitBase(text: string): BasedDigits {
  const letter = /^0([box])./is.exec(text)?.[1]?.toLowerCase();
  const base = letter === undefined ? undefined : BASE_OF_PREFIX[letter];
  if (base !== undefined) return { base, digits: text.slice(2), hasPrefix: true };
  if (/^0./s.test(text)) return { base: 8, digits: text.slice(1), hasPrefix: true };
  return { base: 10, digits: text, hasPrefix: false };
}

const DIGITS_OF_BASE: Readonly<Record<number, { readonly pattern: RegExp; readonly prefix: string }>> = {
  2: { pattern: /^[01]+$/, prefix: "0b" },
  8: { pattern: /^[0-7]+$/, prefix: "0o" },
  10: { pattern: /^[0-9]+$/, prefix: "" },
  16: { pattern: /^[0-9a-f]+$/i, prefix: "0x" },
};

/** 64 binary digits and room for leading zeroes; more would only serve to waste time. */
const MAX_DIGITS = 1024;

function parseDigits(digits: string, base: number): bigint | undefined {
  const form = DIGITS_OF_BASE[base];
  if (form === undefined || digits.length > MAX_DIGITS || !form.pattern.test(digits)) return undefined;
  return BigInt(form.prefix + digits);
}

/** `value` as a number; what is beyond ±(2^53-1) becomes that limit, which no setting of ours ever reaches. */
export function saturatedNumber(value: bigint): number {
  const limit = BigInt(Number.MAX_SAFE_INTEGER);
  if (value > limit) return Number.MAX_SAFE_INTEGER;
  if (value < -limit) return Number.MIN_SAFE_INTEGER;
  return Number(value);
}
