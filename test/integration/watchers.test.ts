import { spawn } from "node:child_process";
import { once } from "node:events";
import { existsSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { text } from "node:stream/consumers";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { Scratch } from "../support/scratch.ts";
import { MOST_RATIO, type Ratios } from "./support/measure-watchers.ts";
import { median, medianInterval } from "./support/paired-ratios.ts";
import type { Measurement } from "./support/watchers-measurement.ts";

// Installations by the real steps on a loop drive in memory, where nothing but the processors takes time, behind the
// daemon's port in the same process, and people in another process who watch. Takes root and scripts/build-debian-image.

const SCRIPT = join(import.meta.dirname, "support/watchers-measurement.ts");
const LIMIT_MS = 300_000;
const CONFIDENCE = 0.9;
const MIB = 2 ** 20;

const scratch = new Scratch();
let measurement: Measurement;

beforeAll(async () => {
  // Mounts of its own, because a copy of them in somebody else's mount namespace would keep the drive busy.
  const args = ["--mount", process.execPath, SCRIPT, scratch.at("daemon")];
  const env = { ...process.env, TMPDIR: scratch.mountTmpfs("memory", "size=2g") };
  const child = spawn("unshare", args, { env, detached: true });
  // Its session goes before all others, whatever else runs on this machine (sched(7), the autogroup feature).
  const priority = `/proc/${child.pid}/autogroup`;
  if (existsSync(priority)) writeFileSync(priority, "-20");
  const [printed, told, [code]] = await Promise.all([
    text(child.stdout),
    text(child.stderr),
    once(child, "exit"),
  ]);
  if (code !== 0) throw new Error(told);
  measurement = JSON.parse(printed) as Measurement;
  const { stuckShell, fiftyWatchers } = measurement.comparison;
  console.log(`with a stuck shell: ${describeRatios(stuckShell)}`);
  console.log(`with fifty watchers: ${describeRatios(fiftyWatchers)}`);
}, LIMIT_MS);

afterAll(() => scratch[Symbol.dispose]());

function describeRatios({ elapsed, busy }: Ratios): string {
  const { low, high } = medianInterval(elapsed, CONFIDENCE);
  const share = ((median(busy) - 1) * 100).toFixed(1);
  return `${median(elapsed).toFixed(3)} times as long (${low.toFixed(3)} to ${high.toFixed(3)}, ${elapsed.length} pairs), the main thread does ${share} % for it`;
}

/**
 * What the main thread does for watchers is known well enough for a bare limit. Durations also depend on what else runs
 * on this machine: that they are longer has to be beyond that chance.
 */
function expectNoLonger({ elapsed, busy }: Ratios): void {
  expect(median(busy)).toBeLessThan(MOST_RATIO);
  expect(medianInterval(elapsed, CONFIDENCE).low).toBeLessThan(MOST_RATIO);
}

describe("installations while others watch", () => {
  test("take no longer because of a shell client that does not read for a minute in all", () => {
    const { comparison, endurance } = measurement;
    expectNoLonger(comparison.stuckShell);
    expect(comparison.stuckMs + endurance.stuckMs).toBeGreaterThanOrEqual(60_000);
  });

  test("take no longer because of fifty watchers, some of whom do not read", () => {
    expectNoLonger(measurement.comparison.fiftyWatchers);
  });

  test("keep all watchers that read", () => {
    expect(measurement.comparison.lost).toEqual([]);
  });
});

describe("with a stuck shell, fifty watchers and somebody who reads along in a shell", () => {
  test("the stuck one is cut off after half a minute, and the log says why", () => {
    const { cutOffAfterMs, cutOffLine } = measurement.endurance;
    expect(cutOffAfterMs).toBeGreaterThan(25_000);
    expect(cutOffAfterMs).toBeLessThan(35_000);
    expect(cutOffLine).toMatch(/RPC connection ended early .*no answer within 30 s/);
  });

  test("whoever reads sees every entry of the log, in order", () => {
    const { logged, shown, installations } = measurement.endurance;
    expect(logged.length).toBeGreaterThan(installations);
    expect(shown).toEqual(logged);
  });

  test("publishing an event takes no time", () => {
    expect(measurement.endurance.publishMs).toBeLessThan(100);
    expect(measurement.comparison.publishMs.watched).toBeLessThan(100);
  });

  test("memory does not grow", () => {
    const { before, most } = measurement.endurance.memoryBytes;
    expect(most - before).toBeLessThan(64 * MIB);
  });
});

test("the interval of a median is that of the sign test", () => {
  const values = [5, 3, 8, 1, 9, 2, 7, 4, 6, 10];
  expect(medianInterval(values, 0.95)).toEqual({ low: 2, high: 9 });
  expect(medianInterval(values, 0.97)).toEqual({ low: 2, high: 9 });
  expect(medianInterval(values, 0.99)).toEqual({ low: 1, high: 10 });
  expect(medianInterval(values.slice(0, 3), 0.95)).toEqual({ low: -Infinity, high: Infinity });
  expect(median(values)).toBe(5.5);
});
