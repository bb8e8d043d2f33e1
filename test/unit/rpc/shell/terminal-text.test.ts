import { expect, it } from "vitest";
import { logReplay, pieces, terminalEntry } from "../../../../src/rpc/shell/terminal-text.ts";

it("replays the log with one empty line at the end, as the original does", () => {
  expect(logReplay(["[  0.000] one", "[  0.001] two\nlines"]).toString()).toBe(
    "Logs so far:\r\n[  0.000] one\r\n[  0.001] two\r\nlines\r\n\r\n",
  );
  expect(logReplay([]).toString()).toBe("Logs so far:\r\n\r\n");
});

it("ends each line of an entry with CR LF", () => {
  expect(terminalEntry("ä\nb").toString()).toBe("ä\r\nb\r\n");
});

it.each([
  ["", []],
  ["abc", ["abc"]],
  ["abcd", ["abcd"]],
  ["abcdefghi", ["abcd", "efgh", "i"]],
])("cuts %j into pieces", (text, expected) => {
  expect([...pieces(Buffer.from(text), 4)].map(String)).toEqual(expected);
});
