import { describe, expect, it } from "vitest";
import { EventStream, type InstallerEvent } from "../../../src/engine/events.ts";
import { createProgressReporter } from "../../../src/engine/progress-reporter.ts";

/** A clock whose sleepers wake when the test says so. */
class SteppedClock {
  nowMsValue = 0;
  readonly #sleepers: (() => void)[] = [];

  nowMs = (): number => this.nowMsValue;
  monotonicMs = (): number => this.nowMsValue;
  uptimeSeconds = async (): Promise<number> => 0;
  setTime = async (): Promise<void> => undefined;

  async sleep(): Promise<void> {
    await new Promise<void>((resolve) => {
      this.#sleepers.push(resolve);
    });
  }

  async advance(ms: number): Promise<void> {
    this.nowMsValue += ms;
    for (const wake of this.#sleepers.splice(0)) wake();
    await new Promise((resolve) => setImmediate(resolve));
  }
}

function start() {
  const events = new EventStream();
  const seen: InstallerEvent[] = [];
  events.subscribe((event) => seen.push(event));
  const clock = new SteppedClock();
  const { signal } = new AbortController();
  const progress = createProgressReporter({ events, clock, stepId: "x", signal });
  const doneSeen = (): readonly number[] =>
    seen.flatMap((event) => (event.kind === "step-progress" ? [event.done] : []));
  const waitsSeen = (): readonly string[] =>
    seen.flatMap((event) => (event.kind === "step-waiting" ? [event.waitingFor] : []));
  return { progress, clock, doneSeen, waitsSeen };
}

describe("createProgressReporter", () => {
  it("publishes at most four times a second", async () => {
    const { progress, clock, doneSeen } = start();
    progress.start("bytes", 1000);
    for (let count = 0; count < 100; count += 1) progress.advance(1);
    expect(doneSeen()).toEqual([0]);
    await clock.advance(250);
    expect(doneSeen()).toEqual([0, 100]);
  });

  it("shows the last bytes before a silence (they were seen only when more came)", async () => {
    const { progress, clock, doneSeen } = start();
    progress.start("bytes");
    progress.advance(5);
    await clock.advance(250);
    expect(doneSeen()).toEqual([0, 5]);
    await clock.advance(250);
    expect(doneSeen()).toEqual([0, 5]);
  });

  it("publishes what is left when the step ends", () => {
    const { progress, doneSeen } = start();
    progress.start("bytes");
    progress.advance(7);
    progress[Symbol.dispose]();
    expect(doneSeen()).toEqual([0, 7]);
  });

  it("tells what the step waits for: the longest wait, and how many there are beside it", () => {
    const { progress, waitsSeen } = start();
    const first = progress.waitFor("mkfs.ext4 /dev/sda1");
    const second = progress.waitFor("mkfs.ext4 /dev/sda2");
    first[Symbol.dispose]();
    first[Symbol.dispose]();
    second[Symbol.dispose]();
    expect(waitsSeen()).toEqual([
      "mkfs.ext4 /dev/sda1",
      "mkfs.ext4 /dev/sda1 (and 1 more)",
      "mkfs.ext4 /dev/sda2",
      "",
    ]);
  });
});
