import { join } from "node:path";
import { expect, test } from "vitest";
import { networkSet } from "../../../conformance/network.ts";
import { Report } from "../../../conformance/report.ts";

test("the recorded cases of the original give the same files, apart from the documented differences", async () => {
  const failures: string[] = [];
  const report = new Report((line) => failures.push(line));
  await networkSet.run(join(import.meta.dirname, "../../../vectors"), report);
  expect(failures).toEqual([]);
  expect(report.passed).toBe(47);
  expect(Object.fromEntries(report.rules)).toEqual({
    "R-NET-DECLARED-TRUNK": 1,
    "R-NET-GATEWAY-SUBNET": 1,
    "R-NET-MISSING-DIRECTORIES": 1,
    "R-NET-NO-ADDRESS": 2,
    "R-NET-UNTAGGED-TRUNK-ADDRESS": 1,
  });
});
