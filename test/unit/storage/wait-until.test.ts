import { expect, test } from "vitest";
import { waitUntil } from "../../../src/storage/wait-until.ts";

function fakeClock() {
  const pauses: number[] = [];
  const now = () => pauses.reduce((sum, ms) => sum + ms, 0);
  const clock = {
    monotonicMs: now,
    sleep: async (ms: number) => {
      pauses.push(ms);
    },
  };
  return { clock, pauses };
}

const signal = new AbortController().signal;

test("the result comes without a pause when it is there at once", async () => {
  const { clock, pauses } = fakeClock();
  expect(await waitUntil(async () => "found", { clock, signal, timeoutMs: 5000 })).toBe("found");
  expect(pauses).toEqual([]);
});

test("pauses grow by a quarter from 1 ms to 100 ms, until the time is over", async () => {
  const { clock, pauses } = fakeClock();
  expect(await waitUntil(async () => undefined, { clock, signal, timeoutMs: 5000 })).toBeUndefined();
  expect(pauses.slice(0, 3)).toEqual([1, 1.25, 1.5625]);
  expect(Math.max(...pauses)).toBe(100);
  expect(clock.monotonicMs()).toBeGreaterThanOrEqual(5000);
  expect(clock.monotonicMs()).toBeLessThan(5101);
});

test("attempts are counted from 1", async () => {
  const { clock } = fakeClock();
  const probe = async (attempt: number) => (attempt === 3 ? attempt : undefined);
  expect(await waitUntil(probe, { clock, signal, timeoutMs: 5000 })).toBe(3);
});

test("an abort ends the wait", async () => {
  const { clock } = fakeClock();
  const controller = new AbortController();
  const probe = async () => {
    controller.abort();
    return undefined;
  };
  await expect(waitUntil(probe, { clock, signal: controller.signal, timeoutMs: 5000 })).rejects.toMatchObject(
    {
      name: "AbortError",
    },
  );
});
