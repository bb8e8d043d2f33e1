import { describe, expect, test } from "vitest";
import type { InstallerEvent } from "../../../../src/engine/events.ts";
import { formatLoss, formatSyslogMessage } from "../../../../src/rpc/push/syslog-message.ts";

const SENDER = { hostname: "rack7-node3", processId: 1 };
const TIME_MS = Date.UTC(2026, 10, 20, 20, 42, 25, 980);

function format(event: InstallerEvent, limitBytes = 2_048, hostname = SENDER.hostname): string | undefined {
  return formatSyslogMessage(
    { sequence: 12, event },
    { ...SENDER, hostname },
    TIME_MS,
    limitBytes,
  )?.toString();
}

function log(message: string, level: "error" | "warn" | "info" | "debug" = "info"): InstallerEvent {
  return { kind: "log", at: 1_000, level, message, stepId: "unpack-image" };
}

describe("formatSyslogMessage", () => {
  test("a log message", () => {
    expect(format(log("mounted é"))).toBe(
      '<30>1 2026-11-20T20:42:25.980Z rack7-node3 installer 1 log [installer@32473 sequence="12" step="unpack-image"] \ufeffmounted é',
    );
  });

  test.for([
    ["error", 27],
    ["warn", 28],
    ["info", 30],
    ["debug", 31],
  ] as const)("%s has priority %d", ([level, priority]) => {
    expect(format(log("x", level))).toMatch(new RegExp(`^<${priority}>1 `));
  });

  test("a step that fails is told with its code and the advice", () => {
    const event: InstallerEvent = {
      kind: "step-failed",
      at: 1,
      id: "prepare-drives",
      durationMs: 20,
      code: "E_X",
      message: "formatting /dev/sda2",
      hint: "try another drive",
    };
    expect(format(event)).toBe(
      '<27>1 2026-11-20T20:42:25.980Z rack7-node3 installer 1 step-failed [installer@32473 sequence="12" step="prepare-drives" code="E_X"] \ufefffailed: formatting /dev/sda2; try another drive',
    );
  });

  test("start and end of steps and of the run", () => {
    expect(format({ kind: "step-started", at: 1, id: "a", title: "Do A", destructive: false })).toContain(
      "started: Do A",
    );
    expect(format({ kind: "step-ended", at: 1, id: "a", durationMs: 1_234 })).toContain(
      'durationMs="1234"] \ufeffended after 1.234 s: a',
    );
    expect(format({ kind: "run-ended", at: 1, outcome: "succeeded", message: "" })).toMatch(
      /^<29>1 .*complete$/,
    );
    expect(format({ kind: "run-ended", at: 1, outcome: "failed", message: "why" })).toMatch(/^<27>1 .*why$/);
  });

  test("progress and the like are not told", () => {
    expect(format({ kind: "step-progress", at: 1, id: "a", done: 1, unit: "bytes" })).toBeUndefined();
    expect(format({ kind: "step-waiting", at: 1, id: "a", waitingFor: "x" })).toBeUndefined();
  });

  test("a message cannot begin another one, nor play with a terminal", () => {
    const message = format(log("one\n<0>1 - forged\r\u001b[2J\u2028\u0085"));
    expect(message).toContain("one\\x0a<0>1 - forged\\x0d\\x1b[2J\\u2028\\x85");
    expect(message).not.toMatch(/[\p{Cc}\u2028]/u);
  });

  test("structured data is escaped", () => {
    const event: InstallerEvent = { kind: "step-ended", at: 1, id: 'a"]\\', durationMs: 0 };
    expect(format(event)).toContain('step="a\\"\\]\\\\"');
  });

  test("a host name that is none does not break the header", () => {
    expect(format(log("x"), 2_048, "two words\n")).toContain("Z twowords installer");
    expect(format(log("x"), 2_048, "")).toContain("Z - installer");
    expect(format(log("x"), 2_048, "h".repeat(500))).toContain(`Z ${"h".repeat(255)} installer`);
  });

  test("a long message is cut between characters", () => {
    for (const limit of [300, 301, 302, 303]) {
      const message = formatSyslogMessage(
        { sequence: 1, event: log("😀".repeat(2_000)) },
        SENDER,
        TIME_MS,
        limit,
      );
      expect(message?.length).toBeLessThanOrEqual(limit);
      expect(message?.length).toBeGreaterThan(limit - 4);
      expect(message?.toString()).not.toContain("\ufffd");
    }
  });

  test("secrets in log messages stay here", () => {
    expect(format(log("password=hunter2"))).not.toContain("hunter2");
  });
});

test("formatLoss tells how many", () => {
  expect(formatLoss(7, SENDER, TIME_MS).toString()).toBe(
    '<28>1 2026-11-20T20:42:25.980Z rack7-node3 installer 1 events-lost [installer@32473 lost="7"] \ufeff7 events were lost',
  );
});
