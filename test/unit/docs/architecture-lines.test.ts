import { existsSync, readFileSync } from "node:fs";
import { describe, expect, it } from "vitest";

const ARCHITECTURE = readFileSync("ARCHITECTURE.md", "utf8");
const LINE_ROW = /^\| `([^`]+)` \| `([^`]+)` \|$/gm;
const STEP_ROW = /^\| \d+ \| `([a-z-]+)` \|/gm;

const lines = [...ARCHITECTURE.matchAll(LINE_ROW)].map(([, text = "", file = ""]) => ({ text, file }));

describe("ARCHITECTURE.md", () => {
  it.each(lines)("$file prints: $text", ({ text, file }) => {
    expect(readFileSync(file, "utf8")).toContain(text);
  });

  it("finds the file of most kinds of lines", () => {
    expect(lines.length).toBeGreaterThan(20);
  });

  it("names the steps of the procedure in their order", () => {
    const install = readFileSync("src/steps/install.ts", "utf8");
    const ids = [...ARCHITECTURE.matchAll(STEP_ROW)].map(([, id = ""]) => id);
    expect(ids.length).toBeGreaterThan(15);
    for (const id of ids) {
      const files = [...install.matchAll(/"\.\/([a-z-]+\.step)\.ts"/g)].map(
        ([, name = ""]) => `src/steps/${name}.ts`,
      );
      const all = [...files, "src/steps/fix-clock.step.ts"].filter((file) => existsSync(file));
      expect(all.some((file) => readFileSync(file, "utf8").includes(`id: "${id}"`))).toBe(true);
    }
  });
});
