import { describe, expect, it } from "vitest";
import { createNodeHost } from "../../../src/system/node/node-host.ts";
import type { Clock } from "../../../src/system/power.ts";
import { FakeClock } from "../../support/fake-host.ts";

const adapters: readonly (readonly [string, () => Clock])[] = [
  ["NodeClock", () => createNodeHost().clock],
  ["FakeClock", () => new FakeClock()],
];

describe.each(adapters)("clock: %s", (_, createClock) => {
  const never = new AbortController().signal;

  it("moves on while sleeping", async () => {
    const clock = createClock();
    const [wall, monotonic, uptime] = [clock.nowMs(), clock.monotonicMs(), await clock.uptimeSeconds()];
    await clock.sleep(30, never);
    // Timers may fire a millisecond early.
    expect(clock.monotonicMs() - monotonic).toBeGreaterThanOrEqual(28);
    expect(clock.nowMs()).toBeGreaterThan(wall);
    expect(await clock.uptimeSeconds()).toBeGreaterThanOrEqual(uptime);
    expect(wall).toBeGreaterThan(Date.UTC(2025, 0, 1));
  });

  it("stops sleeping when cancelled", async () => {
    const clock = createClock();
    await expect(clock.sleep(60_000, AbortSignal.abort())).rejects.toMatchObject({ code: "E_CANCELLED" });
  });
});

describe("NodeClock", () => {
  it("stops in the middle of a sleep", async () => {
    const controller = new AbortController();
    const sleeping = createNodeHost().clock.sleep(60_000, controller.signal);
    controller.abort();
    await expect(sleeping).rejects.toMatchObject({ code: "E_CANCELLED" });
  });
});

describe("FakeClock", () => {
  it("wakes sleepers when told to", async () => {
    const clock = new FakeClock({ manual: true });
    let isAwake = false;
    const sleeping = clock.sleep(100, new AbortController().signal).then(() => {
      isAwake = true;
    });
    clock.advance(99);
    await Promise.resolve();
    expect(isAwake).toBe(false);
    clock.advance(1);
    await sleeping;
    expect(isAwake).toBe(true);
  });
});
