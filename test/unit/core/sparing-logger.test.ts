import { expect, test } from "vitest";
import { silentLogger } from "../../../src/core/logger.ts";
import { sparingLogger } from "../../../src/core/sparing-logger.ts";

test("a sparing logger passes on the first warnings and says that there are more", () => {
  const warnings: string[] = [];
  const details: string[] = [];
  const log = sparingLogger(
    {
      ...silentLogger,
      warn: (message) => void warnings.push(message),
      debug: (level, message) => void details.push(`${level} ${message}`),
    },
    2,
  );
  for (const message of ["a", "b", "c", "d"]) log.warn(message);
  expect(warnings).toEqual(["a", "b", "further warnings of this kind are shown with -logDebugLevel=2 only"]);
  expect(details).toEqual(["2 c", "2 d"]);
});
