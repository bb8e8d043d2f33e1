import { expect, test } from "vitest";
import { formatEventBatch } from "../../../../src/rpc/push/event-batch.ts";

const ORIGIN = { hostname: "node", serial: "S1", version: "1.0", run: "r", startedUnixMs: 1_000 };

test("a batch has the machine and the events, losses first", () => {
  const body = formatEventBatch(
    {
      lost: 3,
      events: [{ sequence: 5, event: { kind: "step-ended", at: 7, id: "a", durationMs: 2 } }],
    },
    ORIGIN,
  );
  expect(JSON.parse(body.toString())).toEqual({
    hostname: "node",
    serial: "S1",
    version: "1.0",
    run: "r",
    startTime: "1970-01-01T00:00:01.000Z",
    events: [
      { kind: "events-lost", lost: 3 },
      { sequence: 5, kind: "step-ended", at: 7, id: "a", durationMs: 2 },
    ],
  });
});

test("fields of log messages may be anything, long, or secret", () => {
  const fields = { size: 5n, path: undefined, password: "hunter2" };
  const event = { kind: "log", at: 1, level: "info", message: "x".repeat(50_000), fields } as const;
  const text = formatEventBatch({ lost: 0, events: [{ sequence: 1, event }] }, ORIGIN).toString();
  expect(text).toContain('"fields":{"size":"5","password":"[secret]"}');
  expect(text).toContain("xxx [33616 characters more]");
  expect(text.length).toBeLessThan(20_000);
});
