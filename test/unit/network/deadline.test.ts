import { expect, test } from "vitest";
import { withinTime } from "../../../src/network/deadline.ts";
import { HastyClock } from "./dhcp/dhcp-server.ts";

const never = new AbortController().signal;

/** Waits until it is stopped. */
function wait(signal: AbortSignal): Promise<never> {
  return new Promise((_resolve, reject) => {
    signal.addEventListener("abort", () => reject(new Error("operation stopped")));
  });
}

test("the value, when it comes in time", async () => {
  const clock = new HastyClock();
  expect(await withinTime(clock, 1000, never, async () => "value")).toBe("value");
  expect(clock.monotonicMs()).toBe(0);
});

test("undefined when time is up, and the operation is stopped", async () => {
  expect(await withinTime(new HastyClock(), 1000, never, wait)).toBeUndefined();
});

test("a stop from outside is not mistaken for the end of time", async () => {
  const stop = new AbortController();
  const waiting = withinTime(new HastyClock(), 1000, stop.signal, wait);
  stop.abort();
  await expect(waiting).rejects.toThrow("operation stopped");
});

test("a failure passes through", async () => {
  const failing = async (): Promise<never> => {
    throw new Error("socket gone");
  };
  await expect(withinTime(new HastyClock(), 1000, never, failing)).rejects.toThrow("socket gone");
});
