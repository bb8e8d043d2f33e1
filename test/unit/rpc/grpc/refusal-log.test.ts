import { expect, test } from "vitest";
import { silentLogger } from "../../../../src/core/logger.ts";
import { RefusalLog } from "../../../../src/rpc/grpc/refusal-log.ts";

test("a stranger cannot flush everything else out of the log by being refused again and again", () => {
  const warnings: string[] = [];
  const log = new RefusalLog({ ...silentLogger, warn: (message) => warnings.push(message) });
  for (let time = 0; time < 1000; time += 1) log.warn("10.0.0.1", `first ${time}`, time);
  log.warn("10.0.0.2", "another", 1000);
  log.warn("10.0.0.1", "a minute later", 60_000);
  expect(warnings).toEqual(["first 0", "another", "a minute later"]);
});

test("nor can many strangers", () => {
  const warnings: string[] = [];
  const log = new RefusalLog({ ...silentLogger, warn: (message) => warnings.push(message) });
  for (let source = 0; source < 10_000; source += 1) log.warn(`source ${source}`, "refused", source);
  expect(warnings).toHaveLength(64);
  log.warn("source 9999", "refused", 70_000);
  expect(warnings).toHaveLength(65);
});
