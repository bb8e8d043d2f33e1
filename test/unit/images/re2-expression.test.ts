import fc from "fast-check";
import { expect, test } from "vitest";
import { ExpressionError, translateExpression } from "../../../src/images/re2-expression.ts";

test.each<[string, readonly string[], readonly string[]]>([
  ["^a.c$", ["abc", "aüc", "a😀c", "a\rc", "a c"], ["a\nc", "ac", "abc\n"]],
  ["(?s)^a.c$", ["a\nc"], []],
  ["(?i)straße", ["STRAßE"], ["strasse"]],
  ["a(?i)b", ["ab", "aB"], ["Ab"]],
  ["(?:a(?i)b)c", ["aBc"], ["aBC"]],
  ["(?i:a)b", ["Ab"], ["aB"]],
  ["(?i)a(?-i)b", ["Ab"], ["aB"]],
  ["(?m)^b$", ["a\nb\nc", "b"], ["ab", "a\rb"]],
  ["(?P<name>x)(?<other>y)", ["xy"], ["x"]],
  ["\\Aab\\z", ["ab"], ["ab\n", "xab"]],
  ["^\\Qa.*\\E*$", ["a.", "a.**"], ["a", "a.x"]],
  ["\\Q(", ["("], []],
  ["^[[:alpha:]_]+$", ["ab_"], ["a1"]],
  ["^[[:^alpha:]]+$", ["12"], ["a"]],
  ["^\\s$", [" ", "\t"], ["\v", "\u00a0"]],
  ["^[^\\d]$", ["x"], ["1"]],
  ["^\\pL\\p{Greek}\\P{Lu}\\p{^Nd}$", ["aβba"], ["1βba", "abba", "aβBa", "aβb1"]],
  ["^\\x41\\x{1F600}\\101\\0\\n$", ["A😀A\0\n"], []],
  ["^a{2}$", ["aa"], ["a", "aaa"]],
  ["^a{,2}$", ["a{,2}"], ["aa"]],
  ["^a{$", ["a{"], ["a"]],
  ["^]}$", ["]}"], []],
  ["^[]a]+$", ["]a"], ["b"]],
  ["^[a-]+$", ["a-"], ["b"]],
  ["^[a\\-z]+$", ["a-z"], ["b"]],
  ["^[+--]+$", ["+,-"], ["."]],
  ["^\\/\\_\\-$", ["/_-"], []],
  ["|b", [""], []],
  ["^a||b$", ["", "a"], []],
  ["^()$", [""], ["a"]],
  ["^(a*?)+b$", ["aab", "b"], ["ac"]],
  ["\\bfoo\\b", ["a foo b"], ["afoo"]],
])("%s", (expression, matching, others) => {
  const translated = translateExpression(expression);
  for (const text of matching) expect(translated.test(text), JSON.stringify(text)).toBe(true);
  for (const text of others) expect(translated.test(text), JSON.stringify(text)).toBe(false);
});

test.each([
  ["a(", "missing closing ): `a(`"],
  ["a)", "unexpected ): `a)`"],
  ["[a", "missing closing ]: `[a`"],
  ["[]", "missing closing ]: `[]`"],
  ["[b-a]", "invalid character class range: `b-a`"],
  ["[[:word-ish:]]", "invalid character class range: `[:word-ish:]`"],
  ["\\p{Klingon}", "invalid character class range: `\\p{Klingon}`"],
  ["*a", "missing argument to repetition operator: `*`"],
  ["(|+)", "missing argument to repetition operator: `+`"],
  ["{2}", "missing argument to repetition operator: `{2}`"],
  ["a**", "invalid nested repetition operator: `**`"],
  ["a*?+", "invalid nested repetition operator: `*?+`"],
  ["a{1001}", "invalid repeat count: `{1001}`"],
  ["a{3,2}", "invalid repeat count: `{3,2}`"],
  ["a\\", "trailing backslash at end of expression: ``"],
  ["\\8", "invalid escape sequence: `\\8`"],
  ["(a)\\1", "invalid escape sequence: `\\1`"],
  ["\\x{110000}", "invalid escape sequence: `\\x{110000}`"],
  ["(?=a)", "invalid or unsupported Perl syntax: `(?=`"],
  ["(?!a)", "invalid or unsupported Perl syntax: `(?!`"],
  ["(?<=a)", "invalid or unsupported Perl syntax: `(?<`"],
])("%s is refused: %s", (expression, message) => {
  expect(() => translateExpression(expression)).toThrow(new ExpressionError(...splitMessage(message)));
});

function splitMessage(message: string): [string, string] {
  const [problem = "", quoted = ""] = message.split(": `");
  return [problem, quoted.slice(0, -1)];
}

test("deep nesting and endless expressions are refused, not a crash", () => {
  expect(() => translateExpression("(".repeat(5000))).toThrow(ExpressionError);
  expect(() => translateExpression("a".repeat(20_000))).toThrow(ExpressionError);
});

test("whatever the text, the result is an expression or an ExpressionError", () => {
  const pieces = fc.constantFrom(
    ...Array.from("abc019.*+?|()[]{}^$\\-:,=!<>PQEpLdDsSwWxiUms&~\n/"),
    "[:alpha:]",
    "(?i",
    "\\Q",
    "\\E",
    "ü",
    "😀",
    "{2,3}",
  );
  fc.assert(
    fc.property(fc.array(pieces, { maxLength: 14 }), (parts) => {
      try {
        translateExpression(parts.join("")).test("abc");
      } catch (error) {
        if (!(error instanceof ExpressionError)) throw error;
      }
    }),
    { seed: 1, numRuns: 3000 },
  );
});

test("for the constructs that both languages share, JavaScript's own parser agrees", () => {
  const leaf = fc.constantFrom("a", "b", "ab", ".", "[ab]", "[^a]", "(a|b)", "a*", "b+", "(ab)?", "a{1,2}");
  const expressions = fc.array(leaf, { minLength: 1, maxLength: 5 }).map((leaves) => `^${leaves.join("")}$`);
  const texts = fc.string({ unit: fc.constantFrom("a", "b", "c"), maxLength: 8 });
  fc.assert(
    fc.property(expressions, texts, (expression, text) => {
      expect(translateExpression(expression).test(text)).toBe(new RegExp(expression, "u").test(text));
    }),
    { seed: 1, numRuns: 500 },
  );
});
