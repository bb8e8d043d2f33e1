import { once } from "node:events";
import { describe, expect, onTestFinished, test } from "vitest";
import { EventHistory } from "../../../../src/engine/event-history.ts";
import type { InstallerEvent } from "../../../../src/engine/events.ts";
import { type Batch, Pump, type PumpOptions } from "../../../../src/rpc/push/pump.ts";
import { FakeClock } from "../../../support/fake-host.ts";

function logged(message: string): InstallerEvent {
  return { kind: "log", at: 0, level: "info", message };
}

/** A pump whose receiver fails as often as `failures` says, and then takes everything. */
function makePump(changes: Partial<PumpOptions> = {}, capacity?: number) {
  const history = new EventHistory(capacity);
  const clock = new FakeClock({ manual: true });
  const batches: Batch[] = [];
  const told: string[] = [];
  const state = { failures: 0 };
  const pump = new Pump({
    history,
    clock,
    mostEvents: 3,
    gatherMs: 1_000,
    deliver: async (batch) => {
      if (state.failures > 0) {
        state.failures -= 1;
        throw new Error("no");
      }
      batches.push(batch);
    },
    onTrouble: () => told.push("trouble"),
    onRecovery: () => told.push("recovery"),
    onStopped: () => told.push("stopped"),
    ...changes,
  });
  onTestFinished(async () => pump[Symbol.asyncDispose]());
  return { history, clock, batches, told, state, pump };
}

function numbers(batches: readonly Batch[]): readonly (readonly number[])[] {
  return batches.map(({ events }) => events.map(({ sequence }) => sequence));
}

describe("Pump", () => {
  test("events wait a second for company, and leave in order in batches of limited size", async () => {
    const { history, clock, batches } = makePump();
    for (let index = 0; index < 5; index++) history.record(logged(String(index)));
    await expect.poll(() => clock.sleeps.length).toBe(1);
    expect(batches).toEqual([]);
    clock.advance(1_000);
    await expect.poll(() => numbers(batches)).toEqual([[1, 2, 3]]);
    await expect.poll(() => clock.sleeps.length).toBe(2);
    clock.advance(1_000);
    await expect
      .poll(() => numbers(batches))
      .toEqual([
        [1, 2, 3],
        [4, 5],
      ]);
  });

  test("a batch is tried again, more and more patiently, and told as trouble once", async () => {
    const { history, batches, told, state } = makePump({ clock: new FakeClock() });
    state.failures = 8;
    history.record(logged("a"));
    await expect.poll(() => numbers(batches)).toEqual([[1]]);
    expect(told).toEqual(["trouble", "recovery"]);
  });

  test("the pauses double up to half a minute", async () => {
    const clock = new FakeClock();
    const { history, batches, state } = makePump({ clock });
    state.failures = 8;
    history.record(logged("a"));
    await expect.poll(() => batches.length).toBe(1);
    expect(clock.sleeps).toEqual([1_000, 1_000, 2_000, 4_000, 8_000, 16_000, 30_000, 30_000, 30_000]);
  });

  test("what the history forgets while nobody listens is counted as lost", async () => {
    const { history, batches, state, clock, pump } = makePump({}, 4);
    state.failures = 1;
    history.record(logged("first"));
    await expect.poll(() => clock.sleeps.length).toBe(1);
    clock.advance(1_000);
    await expect.poll(() => clock.sleeps.length).toBe(2);
    for (let index = 0; index < 20; index++) history.record(logged(String(index)));
    expect(await pump.drain(5_000)).toBe(true);
    expect(batches.map(({ lost }) => lost)).toEqual([0, 16, 0]);
    expect(numbers(batches)).toEqual([[1], [18, 19, 20], [21]]);
  });

  test("of the progress of a step the newest is enough", async () => {
    const { history, batches, pump } = makePump();
    for (let done = 1; done <= 50; done++)
      history.record({ kind: "step-progress", at: done, id: "a", done, unit: "bytes" });
    expect(await pump.drain(5_000)).toBe(true);
    expect(numbers(batches)).toEqual([[50]]);
  });

  test("draining does not wait for company", async () => {
    const { history, batches, pump } = makePump();
    for (let index = 0; index < 7; index++) history.record(logged(String(index)));
    expect(await pump.drain(5_000)).toBe(true);
    expect(numbers(batches)).toEqual([[1, 2, 3], [4, 5, 6], [7]]);
    expect(await pump.drain(0)).toBe(true);
  });

  test("draining ends after its time when the receiver takes nothing", async () => {
    const deliver: PumpOptions["deliver"] = async (_, signal) => {
      await once(signal, "abort");
    };
    const { history, pump } = makePump({ deliver });
    history.record(logged("a"));
    expect(await pump.drain(50)).toBe(false);
  });

  test("disposing stops in the middle of a pause, and says so", async () => {
    const { history, state, told, clock, pump } = makePump();
    state.failures = 1_000;
    history.record(logged("a"));
    await expect.poll(() => clock.sleeps.length).toBe(1);
    clock.advance(1_000);
    await expect.poll(() => clock.sleeps.length).toBe(2);
    await pump[Symbol.asyncDispose]();
    expect(told).toEqual(["trouble", "stopped"]);
  });

  test("a receiver that is gone costs no memory but that of the history", async () => {
    const { history } = makePump({ deliver: async () => Promise.reject(new Error("gone")) }, 100);
    for (let index = 0; index < 10_000; index++) history.record(logged("x"));
    expect(history.itemsAfter(0)).toHaveLength(100);
  });
});
