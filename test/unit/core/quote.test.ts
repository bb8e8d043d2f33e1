import { expect, it } from "vitest";

import { formatQuoted } from "../../../src/core/quote.ts";

it.each([
  ["", '""'],
  ["abc é 😀", '"abc é 😀"'],
  ['a"b\\c', '"a\\"b\\\\c"'],
  ["\u0007\b\f\n\r\t\v", '"\\a\\b\\f\\n\\r\\t\\v"'],
  ["\0\u001b\u007f", '"\\x00\\x1b\\x7f"'],
  ["\u00a0\u200b", '"\\u00a0\\u200b"'],
  ["\u{e0001}", '"\\U000e0001"'],
  ["\ud800", '"\ufffd"'],
])("quotes %j", (text, expected) => {
  expect(formatQuoted(text)).toBe(expected);
});
