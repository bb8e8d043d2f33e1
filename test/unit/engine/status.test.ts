import { describe, expect, it } from "vitest";
import type { InstallerEvent } from "../../../src/engine/events.ts";
import { applyEvent, INITIAL_STATUS, type RunStatus } from "../../../src/engine/status.ts";

function after(...events: readonly InstallerEvent[]): RunStatus {
  return events.reduce(applyEvent, INITIAL_STATUS);
}

const started = {
  kind: "step-started",
  at: 1000,
  id: "download",
  title: "Download",
  destructive: false,
} as const;

describe("applyEvent", () => {
  const progress = (at: number, done: number) =>
    ({ kind: "step-progress", at, id: "download", done, total: 1000, unit: "bytes" }) as const;

  it("estimates rate and time left from what was done since the step began to count", () => {
    const status = after(started, progress(11_000, 0), progress(15_000, 100));
    expect(status.steps[0]).toMatchObject({
      state: "running",
      done: 100,
      total: 1000,
      ratePerSecond: 25,
      remainingSeconds: 36,
    });
  });

  it.each([
    ["in the first three seconds", 13_999, 500],
    ["before one part in a hundred is done", 60_000, 9],
  ])("has a rate but no estimate %s", (_, at, done) => {
    const [step] = after(started, progress(11_000, 0), progress(at, done)).steps;
    expect(step?.ratePerSecond).toBeCloseTo((done * 1000) / (at - 11_000));
    expect(step).not.toHaveProperty("remainingSeconds");
  });

  it("counts anew when a step goes on to count something else", () => {
    const inodes = { kind: "step-progress", id: "download", total: 100, unit: "inodes" } as const;
    const status = after(
      started,
      progress(11_000, 0),
      progress(15_000, 1000),
      { ...inodes, at: 16_000, done: 0 },
      { ...inodes, at: 20_000, done: 20 },
    );
    expect(status.steps[0]).toMatchObject({ countingSince: 16_000, ratePerSecond: 5, remainingSeconds: 16 });
  });

  it("has no estimate before anything was done", () => {
    const status = after(started, {
      kind: "step-progress",
      at: 1000,
      id: "download",
      done: 0,
      total: 150,
      unit: "bytes",
    });
    expect(status.steps[0]).not.toHaveProperty("remainingSeconds");
  });

  it("drops the estimate when the step ends", () => {
    const status = after(started, progress(1000, 0), progress(5000, 500), {
      kind: "step-ended",
      at: 6000,
      id: "download",
      durationMs: 5000,
    });
    expect(status.steps[0]).toMatchObject({ state: "done", endedAt: 6000 });
    expect(status.steps[0]).not.toHaveProperty("remainingSeconds");
  });

  it("keeps code, message and hint of a failure", () => {
    const status = after(
      started,
      {
        kind: "step-failed",
        at: 2000,
        id: "download",
        durationMs: 1000,
        code: "E_X",
        message: "no",
        hint: "try",
      },
      { kind: "run-ended", at: 2001, outcome: "failed", message: "error installing: no" },
    );
    expect(status.outcome).toBe("failed");
    expect(status.steps[0]?.error).toEqual({ code: "E_X", message: "no", hint: "try" });
  });

  it("restarts a step that runs again", () => {
    const status = after(
      started,
      { kind: "step-ended", at: 2000, id: "download", durationMs: 1 },
      { ...started, at: 5000 },
    );
    expect(status.steps).toHaveLength(1);
    expect(status.steps[0]).toMatchObject({ state: "running", startedAt: 5000 });
  });
});
