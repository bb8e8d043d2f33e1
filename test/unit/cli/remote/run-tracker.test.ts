import { describe, expect, it } from "vitest";
import { RunTracker } from "../../../../src/cli/remote/run-tracker.ts";
import { isSameRun, type RunMoment } from "../../../../src/cli/remote/same-run.ts";
import { makeStatus } from "./fake-machine.ts";

const before: RunMoment = { sequence: 100, at: 60_000, startedUnixMs: 1_700_000_000_000, localMs: 5_000 };

describe("isSameRun", () => {
  it.each([
    ["a minute later", { sequence: 150, at: 120_000, localMs: 65_000 }, true],
    [
      "the clock of the machine was set meanwhile",
      { at: 70_000, startedUnixMs: 1_800_000_000_000, localMs: 15_000 },
      true,
    ],
    ["our own clock stood still, as of a laptop that slept", { at: 900_000, localMs: 5_100 }, true],
    ["fewer events than before", { sequence: 99, at: 61_000, localMs: 6_000 }, false],
    ["younger than before", { at: 59_000, localMs: 65_000 }, false],
    [
      "a restart that has run for longer than the run before",
      { sequence: 300, at: 90_000, startedUnixMs: 1_700_000_200_000, localMs: 235_000 },
      false,
    ],
  ])("%s", (_what, change, expected) => {
    expect(isSameRun(before, { ...before, ...change })).toBe(expected);
  });
});

describe("RunTracker", () => {
  it("goes on where it stood within a run, and starts over in a new one", () => {
    const tracker = new RunTracker();
    expect(tracker.observe(makeStatus({ at: 1000, sequence: 10 }), 0)).toBe(false);
    tracker.advance(9);
    tracker.advance(8);
    expect(tracker.observe(makeStatus({ at: 2000, sequence: 20 }), 1000)).toBe(false);
    expect(tracker.sequence).toBe(9);
    expect(
      tracker.observe(makeStatus({ at: 100, sequence: 3, startedUnixMs: 1_700_000_009_000 }), 9000),
    ).toBe(true);
    expect(tracker.sequence).toBe(0);
  });
});
