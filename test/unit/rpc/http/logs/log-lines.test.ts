import { describe, expect, test } from "vitest";
import { LogFilter } from "../../../../../src/rpc/http/log-filters.ts";
import {
  filterLines,
  joinLines,
  linesBackward,
  linesForward,
} from "../../../../../src/rpc/http/logs/log-lines.ts";
import { MemoryFileSystem } from "../../../../support/memory-file-system.ts";

async function collect<T>(items: AsyncIterable<T>): Promise<readonly T[]> {
  const all: T[] = [];
  for await (const item of items) all.push(item);
  return all;
}

function fileWith(content: string): MemoryFileSystem {
  return new MemoryFileSystem({ files: { "/log": content } });
}

describe("lines of a file", () => {
  const long = Array.from({ length: 20_000 }, (_, index) => `line ${index} with an é in it`);

  test.for([
    ["an ordinary file", "one\ntwo\nthree\n", ["one", "two", "three"]],
    ["no newline at the end", "one\ntwo", ["one", "two"]],
    ["blank lines", "one\n\n\ntwo\n", ["one", "", "", "two"]],
    ["an empty file", "", []],
    ["many pieces", `${long.join("\n")}\n`, long],
  ] as const)("forward: %s", async ([, content, lines]) => {
    expect(await collect(linesForward(fileWith(content), "/log"))).toEqual(lines);
  });

  test("backward they are the same but for the end of the last line", async () => {
    expect(await collect(linesBackward(fileWith("one\n\ntwo\n"), "/log"))).toEqual(["", "two", "", "one"]);
    const backward = await collect(linesBackward(fileWith(`${long.join("\n")}\n`), "/log"));
    expect(backward).toEqual(["", ...long.toReversed()]);
  });

  test.for([linesForward, linesBackward])(
    "a line without end comes in parts of limited size",
    async (read) => {
      const lines = await collect(read(fileWith("x".repeat(1_000_000)), "/log"));
      expect(lines.length).toBeGreaterThan(1);
      expect(lines.join("")).toBe("x".repeat(1_000_000));
      expect(Math.max(...lines.map((line) => line.length))).toBeLessThan(400_000);
    },
  );
});

describe("filterLines", () => {
  async function* repeat(line: string, count: number): AsyncGenerator<string> {
    for (let index = 0; index < count; index++) yield line;
  }

  test("others get their turn while a log is searched", async () => {
    let pauses = 0;
    const pause = async (): Promise<void> => {
      pauses += 1;
    };
    const filter = new LogFilter(["(a|b)*c"]);
    expect(await collect(filterLines(repeat("ab".repeat(500), 100), filter, pause))).toEqual([]);
    expect(pauses).toBeGreaterThan(filter.work / 600_000);
  });

  test("a search that would never end is ended, and says so", async () => {
    const filter = new LogFilter(["(a?){100}(b|c){20}d"]);
    const lines = repeat("a".repeat(500), 10_000);
    const found = await collect(filterLines(lines, filter, async () => undefined, 1_000_000));
    expect(found).toEqual(["[the rest is left out: these expressions take too long]"]);
  });
});

test("joinLines makes large pieces of many lines", async () => {
  async function* lines(): AsyncGenerator<string> {
    for (let index = 0; index < 10_000; index++) yield `line ${index}`;
  }
  const pieces = await collect(joinLines(lines(), (line) => line.toUpperCase()));
  expect(pieces.length).toBeLessThan(10);
  expect(pieces.join("")).toMatch(/^LINE 0\nLINE 1\n.*LINE 9999\n$/s);
});
