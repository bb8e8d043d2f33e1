import { describe, expect, test } from "vitest";
import type { DhcpLease } from "../../../../src/network/dhcp/lease.ts";
import { leaseTimes, renewalWaitMs } from "../../../../src/network/dhcp/lease-times.ts";
import { makeLease } from "./make-lease.ts";

function times(values: Partial<DhcpLease>) {
  return leaseTimes(makeLease(values));
}

test("half and seven eighths of the lease, unless the server says otherwise", () => {
  expect(times({ leaseSeconds: 3600 })).toEqual({
    renewalMs: 1_800_000,
    rebindingMs: 3_150_000,
    expiryMs: 3_600_000,
  });
  expect(times({ leaseSeconds: 100, renewalSeconds: 10, rebindingSeconds: 20 })).toEqual({
    renewalMs: 10_000,
    rebindingMs: 20_000,
    expiryMs: 100_000,
  });
});

describe("times that contradict each other are not used", () => {
  test.each([
    [{ leaseSeconds: 80, renewalSeconds: 79, rebindingSeconds: 90 }, 40_000, 70_000],
    [{ leaseSeconds: 80, renewalSeconds: 60, rebindingSeconds: 50 }, 40_000, 50_000],
    [{ leaseSeconds: 80, rebindingSeconds: 10 }, 10_000, 10_000],
    [{ leaseSeconds: 0 }, 1000, 0],
  ])("%j", (values, renewalMs, rebindingMs) => {
    expect(times(values)).toMatchObject({ renewalMs, rebindingMs });
  });
});

test.each([{}, { leaseSeconds: 0xffffffff }, { leaseSeconds: 0xfffffffe }])(
  "nothing to renew with %j",
  (values) => {
    expect(times(values)).toBeUndefined();
  },
);

test.each([
  [-5, 4000],
  [20_000, 10_000],
  [1e9, 60_000],
])("with %i ms left it waits %i ms", (remainingMs, waitMs) => {
  expect(renewalWaitMs(remainingMs)).toBe(waitMs);
});
