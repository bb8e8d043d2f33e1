import { join } from "node:path";
import { expect, it } from "vitest";
import { gobSet } from "../../../conformance/gob.ts";
import { Report } from "../../../conformance/report.ts";

it("agrees with every gob vector of the original", async () => {
  const failures: string[] = [];
  const report = new Report((line) => failures.push(line));
  await gobSet.run(join(import.meta.dirname, "../../../vectors"), report);
  expect(failures).toEqual([]);
  expect(report.passed).toBeGreaterThan(1500);
});
