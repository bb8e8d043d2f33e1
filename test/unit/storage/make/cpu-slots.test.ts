import { expect, test } from "vitest";
import { CpuSlots, countCpuSlots, parseAvailableMemory } from "../../../../src/storage/make/cpu-slots.ts";
import { GIB } from "../plan/plan-fixtures.ts";

const signal = new AbortController().signal;

/** A task that ends when told to. */
function gate(): { readonly opened: Promise<void>; readonly open: () => void } {
  let open = () => undefined as void;
  const opened = new Promise<void>((resolve) => {
    open = resolve;
  });
  return { opened, open };
}

test.each([
  [4, 8 * GIB, 4],
  [4, 2.5 * GIB, 2],
  [4, 0.5 * GIB, 1],
  [1, 64 * GIB, 1],
  [3, undefined, 3],
])("%i processors and %s bytes of memory: %i at once", (cpuCount, availableBytes, count) => {
  expect(countCpuSlots(cpuCount, availableBytes)).toBe(count);
});

test("available memory is read from the kernel's table", () => {
  expect(parseAvailableMemory("MemTotal:  99 kB\nMemAvailable:    1024 kB\n")).toBe(2 ** 20);
  expect(parseAvailableMemory("MemTotal:  99 kB\n")).toBeUndefined();
});

test("no more than the limit run at once, in the order in which they came", async () => {
  const slots = new CpuSlots(2);
  const started: number[] = [];
  const gates = [gate(), gate(), gate(), gate()];
  const tasks = gates.map(async ({ opened }, index) =>
    slots.run(async () => {
      started.push(index);
      await opened;
      return index;
    }, signal),
  );
  await Promise.resolve();
  await Promise.resolve();
  expect(started).toEqual([0, 1]);
  gates[1]?.open();
  await tasks[1];
  await Promise.resolve();
  expect(started).toEqual([0, 1, 2]);
  for (const { open } of gates) open();
  expect(await Promise.all(tasks)).toEqual([0, 1, 2, 3]);
});

test("a task that fails frees its slot", async () => {
  const slots = new CpuSlots(1);
  await expect(slots.run(async () => Promise.reject(new Error("failed")), signal)).rejects.toThrow("failed");
  expect(await slots.run(async () => 1, signal)).toBe(1);
});

test("whoever waits leaves the line when cancelled, and never runs", async () => {
  const slots = new CpuSlots(1);
  const controller = new AbortController();
  const first = gate();
  const running = slots.run(async () => first.opened, signal);
  let ran = false;
  const waiting = slots.run(async () => {
    ran = true;
  }, controller.signal);
  const last = slots.run(async () => "last", signal);
  controller.abort(new Error("cancelled"));
  await expect(waiting).rejects.toThrow("cancelled");
  first.open();
  await running;
  expect(await last).toBe("last");
  expect(ran).toBe(false);
});

test("nothing starts once cancelled", async () => {
  const slots = new CpuSlots(1);
  await expect(slots.run(async () => 1, AbortSignal.abort(new Error("cancelled")))).rejects.toThrow(
    "cancelled",
  );
  expect(await slots.run(async () => 2, signal)).toBe(2);
});
