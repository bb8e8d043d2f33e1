import { globSync, readFileSync } from "node:fs";
import { expect, it } from "vitest";
import { renderErrorTable } from "../../../scripts/lib/error-table.ts";
import { ERROR_CODES } from "../../../src/core/error-codes.ts";

it("docs/errors.md lists exactly the codes of the table (npm run docs regenerates it)", () => {
  expect(readFileSync("docs/errors.md", "utf8")).toBe(renderErrorTable());
});

it("every code of the table is thrown or looked for somewhere", () => {
  const sources = globSync("src/**/*.ts", { exclude: ["src/core/error-codes/**"] })
    .map((file) => readFileSync(file, "utf8"))
    .join("\n");
  expect(Object.keys(ERROR_CODES).filter((code) => !sources.includes(`"${code}"`))).toEqual([]);
});
