import { type ByteString, byteStringOf, displayOf } from "../core/byte-string.ts";
import { InstallerError } from "../core/errors.ts";
import { ExpressionError, translateExpression } from "./re2-expression.ts";

/** Decides for absolute paths whether they are excluded from an image. */
export interface Filter {
  isExcluded(path: ByteString): boolean;
}

type PathTest = (path: ByteString) => boolean;

/** The lines of a filter file (spec/image.md 6): without comments, empty lines and carriage returns. */
export function parseFilterText(text: string): string[] {
  return text
    .split("\n")
    .map((line) => (line.endsWith("\r") ? line.slice(0, -1) : line))
    .filter((line) => line !== "" && !line.startsWith("#"));
}

/** The filter of these lines; one line `!` anywhere inverts it. Throws E_FILTER_INVALID naming the line. */
export function parseFilter(lines: readonly string[]): Filter {
  const tests = lines.filter((line) => line !== "!").map(parseLine);
  const isInverted = lines.includes("!");
  return { isExcluded: (path) => tests.some((test) => test(path)) !== isInverted };
}

function parseLine(line: string): PathTest {
  try {
    return planTest(line).test;
  } catch (error) {
    if (!(error instanceof ExpressionError)) throw error;
    throw new InstallerError("E_FILTER_INVALID", `filter line ${JSON.stringify(line)}: ${error.message}`, {
      cause: error,
    });
  }
}

/** How an expression is tested. All but `regexp` are shortcuts of the original, which differ a little from RE2. */
export type TestShape = "contains" | "prefix" | "equal" | "tree" | "prefix+regexp" | "regexp";

/** What a line means. Throws ExpressionError. */
export function planTest(line: string): { readonly shape: TestShape; readonly test: PathTest } {
  if (line === "") throw new ExpressionError("empty expression", line);
  return planContains(line) ?? planPlainStart(line) ?? { shape: "regexp", test: matchExpression(`^${line}`) };
}

type PlannedTest = ReturnType<typeof planTest>;

/** Below this length the original takes the expressions of `planContains` as they are. */
const MIN_CONTAINS_LENGTH = 7;

function planContains(line: string): PlannedTest | undefined {
  if (line.length < MIN_CONTAINS_LENGTH || !line.endsWith(".*")) return undefined;
  const start = line.startsWith("/.*") ? "/.*".length : line.startsWith(".*/") ? ".*".length : undefined;
  if (start === undefined) return undefined;
  const { literal, rest } = splitPlain(line.slice(start, -".*".length));
  if (rest !== "") return undefined;
  return { shape: "contains", test: (path) => path.startsWith("/") && path.includes(literal) };
}

function planPlainStart(line: string): PlannedTest | undefined {
  const { literal, rest } = splitPlain(line);
  switch (rest) {
    case "":
    case ".*":
      return { shape: "prefix", test: (path) => path.startsWith(literal) };
    case "$":
      return { shape: "equal", test: (path) => path === literal };
    case "(|/.*)$":
      return { shape: "tree", test: (path) => path === literal || path.startsWith(`${literal}/`) };
    default:
  }
  if (literal.length < 2 || !rest.startsWith(".*")) return undefined;
  const matchesRest = matchExpression(`^${rest}`);
  return {
    shape: "prefix+regexp",
    test: (path) => path.startsWith(literal) && matchesRest(path.slice(literal.length) as ByteString),
  };
}

const PLAIN = /^(?:[A-Za-z0-9\-/_]|\[([^^])\])/u;

/** Splits off the longest start that stands for itself; a class of one character does. */
function splitPlain(expression: string): { readonly literal: ByteString; readonly rest: string } {
  let rest = expression;
  let literal = "";
  for (let match = PLAIN.exec(rest); match !== null; match = PLAIN.exec(rest)) {
    literal += match[1] ?? match[0];
    rest = rest.slice(match[0].length);
  }
  return { literal: byteStringOf(literal), rest };
}

/** Not grouped, as in the original: of `^/a|/b` only the first alternative is anchored. */
function matchExpression(expression: string): PathTest {
  const regularExpression = translateExpression(expression);
  return (path) => regularExpression.test(displayOf(path));
}
