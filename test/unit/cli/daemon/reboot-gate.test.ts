import { expect, it } from "vitest";
import { RebootGate } from "../../../../src/cli/daemon/reboot-gate.ts";

it("lets pass at once when nobody blocked", async () => {
  await expect(new RebootGate().passed()).resolves.toBeUndefined();
});

it("blocks and releases as often as asked (the original listens to each signal once)", async () => {
  const gate = new RebootGate();
  for (let round = 0; round < 3; round++) {
    gate.block();
    let isThrough = false;
    const passing = gate.passed().then(() => {
      isThrough = true;
    });
    await Promise.resolve();
    expect(isThrough).toBe(false);
    gate.unblock();
    await passing;
    expect(isThrough).toBe(true);
  }
});

it("stays shut for a waiter when it is blocked again before the waiter wakes", async () => {
  const gate = new RebootGate();
  gate.block();
  let isThrough = false;
  void gate.passed().then(() => {
    isThrough = true;
  });
  gate.unblock();
  gate.block();
  await new Promise((resolve) => setImmediate(resolve));
  expect(isThrough).toBe(false);
});
