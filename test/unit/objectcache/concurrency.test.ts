import { setImmediate as nextTurn } from "node:timers/promises";
import { expect, test } from "vitest";
import { forEachConcurrently } from "../../../src/objectcache/concurrency.ts";

test("all items are worked on, never more than the limit at a time", async () => {
  let running = 0;
  let most = 0;
  const done: number[] = [];
  await forEachConcurrently([1, 2, 3, 4, 5, 6, 7], 3, async (item) => {
    running += 1;
    most = Math.max(most, running);
    await nextTurn();
    running -= 1;
    done.push(item);
  });
  expect(new Set(done)).toEqual(new Set([1, 2, 3, 4, 5, 6, 7]));
  expect(most).toBe(3);
});

test("the first failure is thrown after what was running has ended, and nothing new is started", async () => {
  const started: number[] = [];
  const ended: number[] = [];
  let isClosed = false;
  async function* items(): AsyncGenerator<number> {
    try {
      for (let item = 1; ; item++) yield item;
    } finally {
      isClosed = true;
    }
  }
  const work = forEachConcurrently(items(), 2, async (item) => {
    started.push(item);
    await nextTurn();
    if (item === 3) throw new Error("three");
    await nextTurn();
    ended.push(item);
  });
  await expect(work).rejects.toThrow("three");
  expect(started.filter((item) => item !== 3)).toEqual(ended);
  expect(isClosed).toBe(true);
});

test("a source that fails ends the work with its error", async () => {
  async function* items(): AsyncGenerator<number> {
    yield 1;
    throw new Error("source");
  }
  const done: number[] = [];
  await expect(forEachConcurrently(items(), 4, async (item) => void done.push(item))).rejects.toThrow(
    "source",
  );
  expect(done).toEqual([1]);
});
