import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { translateExpression } from "../../../../src/images/re2-expression.ts";
import { ExpressionTooLargeError } from "../../../../src/rpc/http/expression-parts.ts";
import { LinearExpression } from "../../../../src/rpc/http/linear-expression.ts";

const EXPRESSIONS = [
  "",
  "a",
  "^a$",
  "(a|b)+c",
  "a{2,4}$",
  "^a{2,}$",
  "^a{3}$",
  "a{0}b",
  "(?i)eRr",
  "\\bfoo\\b",
  "[[:alpha:]]+\\d",
  "x*",
  "(?m)^b$",
  "a.c",
  "(?s)a.c",
  "^\\pL+$",
  "a|",
  "|",
  "(a+)+$",
  "\\Qa.b\\E+",
  "[^a]",
  "é+",
  "😀",
  "\\B",
  "a??b",
  "(?:)",
  "()",
  "(((a|b)?c)*d){1,2}$",
];
const TEXTS = [
  "",
  "a",
  "aa",
  "aaaa",
  "abc",
  "aab c",
  "error ERR",
  "foo bar",
  "foobar",
  "x1",
  "\nb",
  "a\nc",
  "éé",
];
const MORE_TEXTS = ["a.bb", "😀", "bcacdd", "b\nb\n", "-", "cdcd"];

/** Undefined for one that is too large. */
function tryCompile(expression: string): LinearExpression | undefined {
  try {
    return new LinearExpression(expression);
  } catch (error) {
    if (error instanceof ExpressionTooLargeError) return undefined;
    throw error;
  }
}

describe("LinearExpression", () => {
  test.for(EXPRESSIONS)("agrees with the translation to JavaScript: %s", (expression) => {
    const linear = new LinearExpression(expression);
    const reference = translateExpression(expression);
    for (const text of [...TEXTS, ...MORE_TEXTS])
      expect({ text, matches: linear.matches(text) }).toEqual({ text, matches: reference.test(text) });
  });

  test("agrees with it on whatever expression", () => {
    const { expression } = fc.letrec<{ expression: string; atom: string }>((tie) => ({
      expression: fc.oneof(
        { depthSize: "small", withCrossShrink: true },
        tie("atom"),
        fc.tuple(tie("expression"), tie("expression")).map(([left, right]) => `${left}${right}`),
        fc.tuple(tie("expression"), tie("expression")).map(([left, right]) => `(?:${left}|${right})`),
        fc
          .tuple(tie("expression"), fc.constantFrom("*", "+", "?", "{2}", "{1,3}", "{2,}", "*?", "+?"))
          .map(([inner, repeat]) => `(?:${inner})${repeat}`),
      ),
      atom: fc.constantFrom(
        "a",
        "b",
        "c",
        ".",
        "[ab]",
        "[^a]",
        "^",
        "$",
        "\\b",
        "\\B",
        "(?m:^)",
        "(?m:$)",
        "\\n",
        "",
      ),
    }));
    const text = fc.string({ unit: fc.constantFrom("a", "b", "c", " ", "\n"), maxLength: 12 });
    fc.assert(
      fc.property(expression, text, (source, searched) => {
        const linear = tryCompile(source);
        return (
          linear === undefined || linear.matches(searched) === translateExpression(source).test(searched)
        );
      }),
      { numRuns: 2_000 },
    );
  });

  test("a text between start and end is only matched whole, with characters beyond the first plane too", () => {
    expect(new LinearExpression("^$").matches("😀😀")).toBe(false);
    expect(new LinearExpression("^..$").matches("😀😀")).toBe(true);
  });

  test("expressions that make backtracking matchers hang cost a little for each character", () => {
    const text = "a".repeat(2_048);
    for (const expression of ["(a*)*b", "(a|a)*b", "^(([a-z])+.)+[A-Z]([a-z])+$", "(.*){1,30}c"]) {
      const linear = new LinearExpression(expression);
      expect(linear.matches(text)).toBe(false);
      expect(linear.work).toBeLessThan(text.length * 2 * linear.size + 1_000);
    }
  });

  test.for(["((a{100}){100}){100}", "a{1000}", "(a|b){300}", "x".repeat(600)])(
    "an expression that is too large for strangers is refused: %.30s",
    (expression) => {
      expect(() => new LinearExpression(expression)).toThrow("expression too large");
    },
  );

  test.for([
    ["(", "error parsing regexp: missing closing ): `(`"],
    ["(?=x)", "error parsing regexp: invalid or unsupported Perl syntax: `(?=`"],
    ["\\1", "error parsing regexp: invalid escape sequence: `\\1`"],
    ["*", "error parsing regexp: missing argument to repetition operator: `*`"],
  ] as const)("what is no expression is refused in Go's words: %s", ([expression, message]) => {
    expect(() => new LinearExpression(expression)).toThrow(message);
  });
});
