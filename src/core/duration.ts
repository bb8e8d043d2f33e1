import { absolute, formatDecimal } from "./decimal.ts";
import { InstallerError } from "./errors.ts";

const MICROSECOND = 1_000n;
const MILLISECOND = 1_000_000n;
const SECOND = 1_000_000_000n;
const MINUTE = 60n * SECOND;
const HOUR = 60n * MINUTE;
const DAY = 24n * HOUR;
const WEEK = 7n * DAY;
/** 365.25 days. */
const YEAR = 8766n * HOUR;

const MAX_DURATION = 2n ** 63n - 1n;

const UNITS: ReadonlyMap<string, bigint> = new Map([
  ["ns", 1n],
  ["us", MICROSECOND],
  ["\u00b5s", MICROSECOND],
  ["\u03bcs", MICROSECOND],
  ["ms", MILLISECOND],
  ["s", SECOND],
  ["m", MINUTE],
  ["h", HOUR],
]);

/** One number with its unit; the unit reaches to the next digit or dot, whatever it consists of. */
const TERM = /(?!$)(\d*)(?:\.(\d*))?([^\d.]*)/gy;

/**
 * Nanoseconds of a Go duration such as `1h30m` or `-1.5s` (spec/cli.md section 4), exact to the nanosecond.
 * Throws E_VALUE_SYNTAX with the words of Go's `time.ParseDuration`.
 */
export function parseGoDuration(text: string): bigint {
  const sign = /^[+-]/.exec(text)?.[0] ?? "";
  const terms = text.slice(sign.length);
  if (terms === "0") return 0n;
  if (terms === "") throw invalidDuration(text);
  // A negative duration may be one nanosecond longer than a positive one.
  const limit = sign === "-" ? MAX_DURATION + 1n : MAX_DURATION;
  let total = 0n;
  for (const [, whole = "", fraction = "", unit = ""] of terms.matchAll(TERM)) {
    total += termValue(whole, fraction, unit, text);
    if (total > limit) throw invalidDuration(text);
  }
  return sign === "-" ? -total : total;
}

function termValue(whole: string, fraction: string, unit: string, text: string): bigint {
  if (whole === "" && fraction === "") throw invalidDuration(text);
  return wholePart(whole, unit, text) + fractionPart(fraction, unitOf(unit, text));
}

/** More digits than any duration has before its point; longer ones are not worth converting. */
const MAX_WHOLE_DIGITS = 1024;

function wholePart(digits: string, unit: string, text: string): bigint {
  const value = digits.length > MAX_WHOLE_DIGITS ? MAX_DURATION + 2n : BigInt(digits === "" ? 0 : digits);
  // Too large a number is reported before a wrong unit.
  if (value > MAX_DURATION + 1n) throw invalidDuration(text);
  return value * unitOf(unit, text);
}

/** Rounds down, and in floating point like the original, so that both arrive at the same nanosecond. */
function fractionPart(digits: string, unit: bigint): bigint {
  const kept = keptFraction(digits);
  return BigInt(Math.trunc(Number(kept) * (Number(unit) / 10 ** kept.length)));
}

/** As many digits as Go reads: while their number stays within 2^63. */
function keptFraction(digits: string): string {
  const leadingZeroes = digits.length - digits.replace(/^0+/, "").length;
  const kept = digits.slice(0, leadingZeroes + 19);
  return BigInt(kept) > MAX_DURATION + 1n ? kept.slice(0, -1) : kept;
}

function unitOf(unit: string, text: string): bigint {
  if (unit === "") {
    throw new InstallerError("E_VALUE_SYNTAX", `time: missing unit in duration ${quoteBytes(text)}`);
  }
  const value = UNITS.get(unit);
  if (value === undefined) {
    const message = `time: unknown unit ${quoteBytes(unit)} in duration ${quoteBytes(text)}`;
    throw new InstallerError("E_VALUE_SYNTAX", message);
  }
  return value;
}

function invalidDuration(text: string): InstallerError {
  return new InstallerError("E_VALUE_SYNTAX", `time: invalid duration ${quoteBytes(text)}`);
}

/** Quotes like Go's time package: every byte outside printable ASCII as `\xNN`. */
function quoteBytes(text: string): string {
  const escaped = Buffer.from(text, "utf8")
    .toString("latin1")
    .replace(/["\\]/g, "\\$&")
    .replace(/[^ -\x7f]/g, (byte) => `\\x${byte.charCodeAt(0).toString(16).padStart(2, "0")}`);
  return `"${escaped}"`;
}

/** The full-precision form of Go: `1h30m0s`, `1.5s`, `52.329µs`, `0s`. */
export function formatGoDuration(nanoseconds: bigint): string {
  const magnitude = absolute(nanoseconds);
  const sign = nanoseconds < 0n ? "-" : "";
  if (magnitude === 0n) return "0s";
  if (magnitude < MICROSECOND) return `${sign}${magnitude}ns`;
  if (magnitude < MILLISECOND) return `${sign}${formatDecimal(magnitude, 3)}µs`;
  if (magnitude < SECOND) return `${sign}${formatDecimal(magnitude, 6)}ms`;
  const hours = magnitude >= HOUR ? `${magnitude / HOUR}h` : "";
  const minutes = magnitude >= MINUTE ? `${(magnitude % HOUR) / MINUTE}m` : "";
  return `${sign}${hours}${minutes}${formatDecimal(magnitude % MINUTE, 9)}s`;
}

/**
 * The form of log messages, three significant digits (spec/lifecycle.md section 3): `12.3µs`, `5.18s`, and from a minute
 * on whole seconds with weeks and years: `1m1s`, `1w1d1h0m0s`.
 */
export function formatDisplayDuration(nanoseconds: bigint): string {
  const magnitude = absolute(nanoseconds);
  const sign = nanoseconds < 0n ? "-" : "";
  if (magnitude === 0n) return "0s";
  if (magnitude < MICROSECOND) return `${sign}${magnitude}ns`;
  if (magnitude < MILLISECOND) return `${sign}${threeDigits(Number(magnitude) / 1e3)}µs`;
  if (magnitude < SECOND) return `${sign}${threeDigits(Number(magnitude) / 1e6)}ms`;
  if (magnitude < MINUTE) return `${sign}${threeDigits(Number(magnitude) / 1e9)}s`;
  return sign + longDuration(magnitude);
}

/** As formatDisplayDuration, for a whole number of seconds: `42s`, `1m1s`, `2h0m0s`. */
export function formatSeconds(seconds: number): string {
  return formatDisplayDuration(BigInt(Math.round(seconds)) * SECOND);
}

/** As formatDisplayDuration, for a measured time: `12.3ms`, `5.18s`. */
export function formatMilliseconds(milliseconds: number): string {
  return formatDisplayDuration(BigInt(Math.round(milliseconds * 1e6)));
}

/** `nanoseconds` as the milliseconds that timers take; fractions stay. */
export function millisecondsOf(nanoseconds: bigint): number {
  return Number(nanoseconds) / 1e6;
}

/** Once a unit appears, the smaller ones of years, weeks and days appear as well. */
function longDuration(magnitude: bigint): string {
  const years = magnitude >= YEAR ? `${magnitude / YEAR}y` : "";
  const afterYears = magnitude % YEAR;
  const weeks = years !== "" || afterYears >= WEEK ? `${afterYears / WEEK}w` : "";
  const afterWeeks = afterYears % WEEK;
  const days = weeks !== "" || afterWeeks >= DAY ? `${afterWeeks / DAY}d` : "";
  const rest = afterWeeks % DAY;
  return years + weeks + days + formatGoDuration(rest - (rest % SECOND));
}

/** C's `%.3g`, including the exponent form that a value rounded up to 1000 gets. */
function threeDigits(value: number): string {
  const [mantissa = "", exponent] = value.toPrecision(3).split("e");
  const short = mantissa.includes(".") ? mantissa.replace(/\.?0+$/, "") : mantissa;
  return exponent === undefined ? short : `${short}e${exponent.replace(/^([+-])(\d)$/, "$10$2")}`;
}
