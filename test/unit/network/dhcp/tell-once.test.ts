import { expect, test } from "vitest";
import { tellOnce } from "../../../../src/network/dhcp/tell-once.ts";

test("what was said before is said to those who debug only", () => {
  const lines: string[] = [];
  const keep = (kind: string) => (message: string) => void lines.push(`${kind} ${message}`);
  const log = tellOnce({
    error: keep("error"),
    warn: keep("warn"),
    info: keep("info"),
    debug: (level, message) => void lines.push(`debug${level} ${message}`),
  });
  for (const message of ["a", "a", "b", "a"]) log.info(message);
  log.warn("a");
  log.warn("a");
  expect(lines).toEqual(["info a", "debug2 a", "info b", "debug2 a", "warn a", "warn a"]);
});
