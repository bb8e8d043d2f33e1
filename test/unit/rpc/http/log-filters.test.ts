import { describe, expect, test } from "vitest";
import { LogFilter } from "../../../../src/rpc/http/log-filters.ts";

const LINES = ["mounted /dev/sda2", "error: sda2 is busy", "error: no carrier", "done"];

function kept(includes: readonly string[], excludes: readonly string[]): readonly string[] {
  const filter = new LogFilter(includes, excludes);
  return LINES.filter((line) => filter.matches(line));
}

describe("LogFilter", () => {
  test("without expressions everything is shown", () => {
    expect(kept([], [])).toEqual(LINES);
  });

  test("a line that matches one of several includes is shown", () => {
    expect(kept(["^done$", "carrier"], [])).toEqual(["error: no carrier", "done"]);
  });

  test("an exclude wins over an include", () => {
    expect(kept(["error"], ["sda\\d"])).toEqual(["error: no carrier"]);
  });

  test("of a very long line the beginning decides", () => {
    const filter = new LogFilter(["needle"]);
    expect(filter.matches(`needle${" ".repeat(10_000)}`)).toBe(true);
    expect(filter.matches(`${" ".repeat(10_000)}needle`)).toBe(false);
  });

  test("many expressions, or large ones together, are refused", () => {
    expect(() => new LogFilter(Array.from({ length: 17 }, () => "a"))).toThrow("expression too large");
    expect(() => new LogFilter(["a{200}", "b{200}"], ["c{200}"])).toThrow("expression too large");
  });
});
