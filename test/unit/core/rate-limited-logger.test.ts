import { expect, it } from "vitest";
import { rateLimitedLogger } from "../../../src/core/rate-limited-logger.ts";
import { createRecordingLogger } from "../../support/recording-logger.ts";

it("lets a burst through, then so many a second, and tells how many it left out", () => {
  const log = createRecordingLogger();
  let nowMs = 0;
  const limited = rateLimitedLogger(log, { burst: 3, perSecond: 1 }, () => nowMs);
  for (let count = 1; count <= 1000; count += 1) limited.warn(`knock ${count}`);
  expect(log.messages).toEqual(["knock 1", "knock 2", "knock 3"]);
  nowMs = 1000;
  limited.info("later");
  limited.info("too soon");
  expect(log.messages.slice(3)).toEqual(["997 messages about connections were left out", "later"]);
  nowMs = 60_000;
  for (let count = 1; count <= 10; count += 1) limited.error(`again ${count}`);
  expect(log.messages.slice(5)).toEqual([
    "1 messages about connections were left out",
    "again 1",
    "again 2",
    "again 3",
  ]);
});
