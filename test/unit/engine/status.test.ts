import { describe, expect, it } from "vitest";
import type { InstallerEvent } from "../../../src/engine/events.ts";
import { applyEvent, findStall, INITIAL_STATUS, type RunStatus } from "../../../src/engine/status.ts";

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

describe("findStall", () => {
  const progress = (at: number, done: number) =>
    ({ kind: "step-progress", at, id: "download", done, total: 1000, unit: "bytes" }) as const;
  const waiting = (at: number, waitingFor: string) =>
    ({ kind: "step-waiting", at, id: "download", waitingFor }) as const;

  it("names the step, since when nothing moved, and what is being waited for", () => {
    const status = after(started, progress(2000, 10), waiting(2000, "objects from images:6971"));
    expect(findStall(status, 16_999)).toBeUndefined();
    expect(findStall(status, 17_000)).toEqual({
      stepId: "download",
      since: 2000,
      waitingFor: "objects from images:6971",
    });
  });

  it("does not take a repeated figure for movement", () => {
    const status = after(started, progress(2000, 10), progress(9000, 10));
    expect(findStall(status, 17_000)).toMatchObject({ since: 2000 });
  });

  it("is over as soon as something moves, and when the step or the run ends", () => {
    const stalled = after(started, progress(2000, 10));
    const moved = applyEvent(stalled, progress(20_000, 11));
    const ended = applyEvent(stalled, { kind: "step-ended", at: 20_000, id: "download", durationMs: 1 });
    const over = applyEvent(stalled, { kind: "run-ended", at: 20_000, outcome: "failed", message: "" });
    for (const status of [moved, ended, over]) expect(findStall(status, 21_000)).toBeUndefined();
  });

  it("falls back to the step itself when nothing is known to be waited for", () => {
    expect(findStall(after(started), 60_000)?.waitingFor).toBe("Download");
  });

  it("tells of the step that has waited for longest", () => {
    const second = { ...started, id: "format", title: "Format", at: 500 };
    expect(findStall(after(started, second), 60_000)?.stepId).toBe("format");
  });
});

describe("notices", () => {
  const notice = (text: string) =>
    ({ kind: "notice", at: 0, notice: { id: "held", severity: "info", text } }) as const;

  it("stand until they are replaced or taken back", () => {
    expect(after(notice("a"), notice("b")).notices.map(({ text }) => text)).toEqual(["b"]);
    expect(after(notice("a"), notice("")).notices).toEqual([]);
  });
});
