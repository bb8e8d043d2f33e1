import { describe, expect, test } from "vitest";
import {
  discoverWaitMs,
  REQUEST_ATTEMPTS,
  requestWaitMs,
} from "../../../../src/network/dhcp/retransmission.ts";

test("a port that begins to forward within a minute is noticed within 1.25 s", () => {
  for (let elapsedMs = 0; elapsedMs < 60_000; elapsedMs += 100)
    expect(discoverWaitMs(elapsedMs, 0.999_999)).toBeLessThan(1250);
});

describe("later it backs off", () => {
  test.each([
    [60_000, 4000],
    [90_000, 8000],
    [180_000, 16_000],
    [10_000_000, 16_000],
  ])("after %i ms to %i ms", (elapsedMs, waitMs) => {
    expect(discoverWaitMs(elapsedMs, 0.5)).toBe(waitMs);
  });
});

test("machines that start together do not stay in step", () => {
  expect(discoverWaitMs(0, 0)).toBe(750);
  expect(discoverWaitMs(0, 0.5)).toBe(1000);
});

test("a request is repeated at growing intervals", () => {
  const waits = Array.from({ length: REQUEST_ATTEMPTS }, (_, attempt) => requestWaitMs(attempt, 0.5));
  expect(waits).toEqual([1000, 2000, 4000, 4000]);
});
