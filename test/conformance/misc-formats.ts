import { formatBytes, formatSize, parseSize } from "../../src/core/byte-size.ts";
import { byteStringFromBytes } from "../../src/core/byte-string.ts";
import { formatDecimal } from "../../src/core/decimal.ts";
import { formatDisplayDuration, formatGoDuration, parseGoDuration } from "../../src/core/duration.ts";
import { InstallerError } from "../../src/core/errors.ts";
import { findKernelParameter } from "../../src/core/kernel-command-line.ts";
import { compareVersions } from "../../src/core/version-order.ts";
import type { Report } from "./report.ts";
import { bytesOfVector, readVectors, textOf, type VectorText } from "./vector-text.ts";

/** Undefined when equal, else what differs; for Report.check. */
export function difference(found: unknown, expected: unknown): string | undefined {
  const [foundText, expectedText] = [JSON.stringify(found), JSON.stringify(expected)];
  return foundText === expectedText ? undefined : `found ${foundText}, expected ${expectedText}`;
}

interface VersionVectors {
  readonly pairs?: readonly {
    readonly left: VectorText;
    readonly right: VectorText;
    readonly less: boolean;
    readonly greater: boolean;
    readonly overflow?: boolean;
  }[];
  readonly lists?: readonly { readonly in: readonly VectorText[]; readonly out: readonly VectorText[] }[];
}

export async function checkVersionOrder(vectorDirectory: string, report: Report): Promise<void> {
  const vectors = await readVectors<VersionVectors>(vectorDirectory, "misc/verstr.json");
  const byteString = (text: VectorText) => byteStringFromBytes(bytesOfVector(text));
  for (const pair of vectors?.pairs ?? []) {
    await report.check(`verstr ${JSON.stringify([pair.left, pair.right])}`, () => {
      const order = compareVersions(byteString(pair.left), byteString(pair.right));
      const found = { less: order < 0, greater: order > 0 };
      const expected = { less: pair.less, greater: pair.greater };
      if (pair.overflow !== true || difference(found, expected) === undefined) {
        return difference(found, expected);
      }
      // The original computes modulo 2^64 and can call each of two names smaller than the other.
      report.applyRule("R-VERSTR-LONG-NUMBERS");
      const opposite = compareVersions(byteString(pair.right), byteString(pair.left));
      return Math.sign(order) === -Math.sign(opposite) ? undefined : "not an order";
    });
  }
  for (const list of vectors?.lists ?? []) {
    await report.check(`verstr list ${JSON.stringify(list.in)}`, () =>
      difference(list.in.map(byteString).toSorted(compareVersions), list.out.map(byteString)),
    );
  }
}

interface SizeCase {
  readonly in: VectorText;
  readonly bytes?: string;
  readonly printed?: string;
  readonly error?: string;
}

interface FormatVectors {
  readonly parseDuration?: readonly {
    readonly in: VectorText;
    readonly nanoseconds?: string;
    readonly goString?: string;
    readonly error?: string;
  }[];
  readonly formatDuration?: readonly {
    readonly nanoseconds: string;
    readonly display: string;
    readonly goString: string;
  }[];
  readonly parseSize?: readonly SizeCase[];
  readonly formatBytes?: readonly (readonly [string, string])[];
  readonly printSize?: readonly (readonly [string, string])[];
  readonly formatMilli?: readonly (readonly [string, string])[];
}

export async function checkFormats(vectorDirectory: string, report: Report): Promise<void> {
  const vectors = (await readVectors<FormatVectors>(vectorDirectory, "misc/formats.json")) ?? {};
  for (const { in: text, ...expected } of vectors.parseDuration ?? []) {
    await report.check(`parseDuration ${JSON.stringify(text)}`, () =>
      difference(
        attempt(() => {
          const nanoseconds = parseGoDuration(textOf(text));
          return { nanoseconds: String(nanoseconds), goString: formatGoDuration(nanoseconds) };
        }),
        expected,
      ),
    );
  }
  for (const { nanoseconds, display, goString } of vectors.formatDuration ?? []) {
    const value = BigInt(nanoseconds);
    await report.check(`formatDuration ${nanoseconds}`, () =>
      difference([formatDisplayDuration(value), formatGoDuration(value)], [display, goString]),
    );
  }
  for (const sizeCase of vectors.parseSize ?? []) {
    await report.check(`parseSize ${JSON.stringify(sizeCase.in)}`, () => checkSize(sizeCase, report));
  }
  await checkPrinted("formatBytes", vectors.formatBytes, formatBytes, report);
  await checkPrinted("printSize", vectors.printSize, formatSize, report);
  await checkPrinted("formatMilli", vectors.formatMilli, (value) => formatDecimal(value, 3), report);
}

async function checkPrinted(
  name: string,
  cases: readonly (readonly [string, string])[] = [],
  format: (value: bigint) => string,
  report: Report,
): Promise<void> {
  for (const [value, expected] of cases) {
    await report.check(`${name} ${value}`, () => difference(format(BigInt(value)), expected));
  }
}

function checkSize({ in: input, ...expected }: SizeCase, report: Report): string | undefined {
  const text = textOf(input);
  const found = attempt(() => {
    const size = parseSize(text);
    return { bytes: String(size), printed: formatSize(size) };
  });
  const rule = sizeRuleOf(text);
  if (rule === undefined) return difference(found, expected);
  report.applyRule(rule.id);
  return "error" in found ? difference(rule.value, undefined) : difference(found.bytes, String(rule.value));
}

const DECIMAL_EXPONENTS: Readonly<Record<string, bigint>> = {
  kB: 3n,
  MB: 6n,
  GB: 9n,
  TB: 12n,
  PB: 15n,
  EB: 18n,
};
const BINARY_EXPONENTS: Readonly<Record<string, bigint>> = { K: 10n, M: 20n, G: 30n, T: 40n, P: 50n, E: 60n };

/** The deliberate difference that a size falls under, and the value that it has then (none: an error). */
export function sizeRuleOf(text: string): { readonly id: string; readonly value?: bigint } | undefined {
  const [, digits = "", suffix = ""] = /^([0-9]*)(.*)$/s.exec(text) ?? [];
  const decimal = DECIMAL_EXPONENTS[suffix];
  const binary = BINARY_EXPONENTS[suffix.replace(/iB$/, "")];
  const isNumber = digits !== "";
  if (decimal !== undefined) {
    const value = isNumber ? BigInt(digits) * 10n ** decimal : undefined;
    return { id: "R-SIZE-DECIMAL-SUFFIX", ...(value !== undefined && value < 2n ** 64n && { value }) };
  }
  const overflows = isNumber && binary !== undefined && BigInt(digits) << binary >= 2n ** 64n;
  return overflows ? { id: "R-SIZE-OVERFLOW" } : undefined;
}

function attempt<Value>(operation: () => Value): Value | { readonly error: string } {
  try {
    return operation();
  } catch (error) {
    if (error instanceof InstallerError) return { error: error.message };
    throw error;
  }
}

interface CommandLineVectors {
  readonly cases: readonly {
    readonly commandLine: VectorText;
    readonly values: Readonly<Record<string, string | null>>;
  }[];
}

export async function checkKernelCommandLine(vectorDirectory: string, report: Report): Promise<void> {
  const vectors = await readVectors<CommandLineVectors>(vectorDirectory, "misc/kernel-cmdline.json");
  for (const { commandLine, values } of vectors?.cases ?? []) {
    for (const [name, expected] of Object.entries(values)) {
      await report.check(`kernel-cmdline ${JSON.stringify(commandLine)} ${name}`, () =>
        difference(findKernelParameter(textOf(commandLine), name, "first") ?? null, expected),
      );
    }
  }
}
