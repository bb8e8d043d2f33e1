import { readdirSync, readFileSync } from "node:fs";
import { describe, expect, it } from "vitest";
import type { InstallerEvent } from "../../../src/engine/events.ts";
import { overallProgress } from "../../../src/engine/overall-progress.ts";
import { applyEvent, INITIAL_STATUS, type RunStatus } from "../../../src/engine/status.ts";

const started = (id: string, at: number): InstallerEvent => ({
  kind: "step-started",
  at,
  id,
  title: id,
  destructive: false,
});
const progressed = (id: string, at: number, done: number, total?: number): InstallerEvent => ({
  kind: "step-progress",
  at,
  id,
  done,
  unit: "bytes",
  ...(total === undefined ? {} : { total }),
});
const ended = (id: string, at: number): InstallerEvent => ({ kind: "step-ended", at, id, durationMs: 1 });

function after(...events: readonly InstallerEvent[]): RunStatus {
  return events.reduce(applyEvent, INITIAL_STATUS);
}

/** A whole run: each event, in order. */
const RUN: readonly InstallerEvent[] = [
  started("fix-clock", 0),
  ended("fix-clock", 10),
  started("bring-up-network", 10),
  ended("bring-up-network", 3_000),
  started("reuse-old-root", 3_000),
  progressed("reuse-old-root", 3_500, 700),
  ended("reuse-old-root", 4_000),
  started("download-objects", 4_000),
  progressed("download-objects", 4_000, 0, 1_000),
  progressed("download-objects", 9_000, 500, 1_000),
  progressed("download-objects", 14_000, 1_000, 1_000),
  ended("download-objects", 14_000),
  started("make-tools-root", 14_000),
  ended("make-tools-root", 15_000),
  started("unpack-image", 15_000),
  progressed("unpack-image", 15_000, 0, 1_000),
  // More than was announced, as when sizes of hard links count twice.
  progressed("unpack-image", 25_000, 1_200, 1_000),
  ended("unpack-image", 25_000),
  started("notify-completion", 25_000),
  ended("notify-completion", 25_001),
];

describe("overallProgress", () => {
  it("never goes back during a run, and is 100 % only at its very end", () => {
    let status = INITIAL_STATUS;
    let last = 0;
    for (const event of RUN) {
      status = applyEvent(status, event);
      const { share } = overallProgress(status);
      expect(share).toBeGreaterThanOrEqual(last);
      expect(share).toBeLessThan(1);
      last = share;
    }
    const end: InstallerEvent = { kind: "run-ended", at: 25_002, outcome: "succeeded", message: "" };
    expect(overallProgress(applyEvent(status, end))).toEqual({ share: 1 });
  });

  it("goes by the bytes within a step", () => {
    const start = after(started("download-objects", 0), progressed("download-objects", 0, 0, 1_000));
    const half = applyEvent(start, progressed("download-objects", 5_000, 500, 1_000));
    const whole = applyEvent(half, progressed("download-objects", 9_000, 1_000, 1_000));
    const shares = [start, half, whole].map((status) => overallProgress(status).share);
    const [first = 0, second = 0, third = 0] = shares;
    expect(second - first).toBeCloseTo(0.19);
    expect(third - second).toBeCloseTo(0.19);
  });

  it("counts steps that were left out as done when a later one starts", () => {
    expect(overallProgress(after(started("prepare-drives", 0))).share).toBeCloseTo(0.58);
  });

  it("stays where it was when the run fails", () => {
    const running = after(...RUN.slice(0, 10));
    const failed = applyEvent(running, { kind: "run-ended", at: 9_001, outcome: "failed", message: "x" });
    expect(overallProgress(failed)).toEqual({ share: overallProgress(running).share });
  });

  it("estimates the rest from the steps that counted what they did, once there is enough to tell", () => {
    expect(overallProgress(after(...RUN.slice(0, 9))).remainingSeconds).toBeUndefined();
    // 19 of 100 parts took 5 s: the other half of the download 5 s more, what comes after it 43 / 19 * 5.
    const { remainingSeconds } = overallProgress(after(...RUN.slice(0, 10)));
    expect(remainingSeconds).toBeCloseTo(5 + (50 / 19) * 5, 0);
  });

  it("knows every step that there is, in no other number", () => {
    const folder = new URL("../../../src/steps/", import.meta.url);
    const ids = readdirSync(folder)
      .filter((name) => name.endsWith(".step.ts"))
      .map((name) => /^ {2}id: "(.*)",$/m.exec(readFileSync(new URL(name, folder), "utf8"))?.[1] ?? name);
    const known = readFileSync(new URL("../../../src/engine/overall-progress.ts", import.meta.url), "utf8");
    const table = [...known.matchAll(/^ {2}\["([a-z-]+)", /gm)].map(([, id]) => id ?? "");
    expect(table.toSorted()).toEqual(ids.toSorted());
  });

  it("is nothing for steps that it does not know", () => {
    expect(overallProgress(after(started("other", 0)))).toEqual({ share: 0 });
  });
});
