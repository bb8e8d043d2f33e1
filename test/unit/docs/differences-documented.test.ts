import { globSync, readFileSync } from "node:fs";
import { expect, it } from "vitest";

const RULE_ID = /\bR-[A-Z0-9]+(-[A-Z0-9]+)*\b/g;

it("docs/differences.md describes exactly the rules that the conformance runner applies", () => {
  const applied = globSync("test/conformance/*.ts").flatMap(
    (file) => readFileSync(file, "utf8").match(RULE_ID) ?? [],
  );
  const described = readFileSync("docs/differences.md", "utf8").match(/^\| R-[A-Z0-9-]+/gm) ?? [];
  expect(described.map((cell) => cell.slice(2)).toSorted()).toEqual([...new Set(applied)].toSorted());
});
