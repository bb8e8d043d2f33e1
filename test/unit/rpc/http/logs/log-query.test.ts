import { describe, expect, test } from "vitest";
import { parseLogQuery, parseTimeSpan } from "../../../../../src/rpc/http/logs/log-query.ts";

describe("parseLogQuery", () => {
  test("words without an equal sign are flags, others values", () => {
    const query = parseLogQuery("recentFirst&name=latest&10m&&output=text&name=other");
    expect([...query.flags]).toEqual(["recentFirst", "10m"]);
    expect([...query.values]).toEqual([
      ["name", "latest"],
      ["output", "text"],
    ]);
  });

  test("only include and exclude are decoded, as forms are", () => {
    const query = parseLogQuery("include=a%2Bb+c&include=d=e&exclude=%5E%24&name=a%2Fb&include=");
    expect(query.includes).toEqual(["a+b c", "d=e"]);
    expect(query.excludes).toEqual(["^$"]);
    expect(query.values.get("name")).toBe("a%2Fb");
  });

  test("a percent sign that decodes to nothing stays", () => {
    expect(parseLogQuery("include=35%25&exclude=100%").includes).toEqual(["35%"]);
    expect(parseLogQuery("include=35%25&exclude=100%").excludes).toEqual(["100%"]);
  });

  test("words beyond any sensible number are dropped", () => {
    expect(parseLogQuery("include=a&".repeat(1_000)).includes).toHaveLength(64);
  });
});

describe("parseTimeSpan", () => {
  test.for([
    ["90s", 90_000],
    ["10m", 600_000],
    ["2h", 7_200_000],
    ["1d", 86_400_000],
    ["1w", 604_800_000],
    ["1M", 2_678_400_000],
    ["1y", 31_536_000_000],
  ] as const)("%s", ([text, milliseconds]) => {
    expect(parseTimeSpan(text)).toBe(milliseconds);
  });

  test.for(["", "10", "m", "10x", "-1s", "1.5h", "1h30m", "9999999999s"])("nothing else: %s", (text) => {
    expect(parseTimeSpan(text)).toBeUndefined();
  });
});
