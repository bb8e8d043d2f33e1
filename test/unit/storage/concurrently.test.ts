import { expect, test } from "vitest";
import { concurrently } from "../../../src/storage/concurrently.ts";

const signal = new AbortController().signal;

const untilAborted = async (shared: AbortSignal) =>
  new Promise<never>((_resolve, reject) => {
    shared.addEventListener("abort", () => reject(new Error("stopped by another")), { once: true });
  });

test("results come in the order of the tasks", async () => {
  let release = () => undefined as void;
  const gate = new Promise<void>((resolve) => {
    release = resolve;
  });
  const slow = async () => {
    await gate;
    return 1;
  };
  const fast = async () => {
    release();
    return 2;
  };
  expect(await concurrently([slow, fast], signal)).toEqual([1, 2]);
});

test("the first failure aborts the others and is thrown after they have ended", async () => {
  let ended = false;
  const other = async (shared: AbortSignal) => {
    try {
      return await untilAborted(shared);
    } finally {
      ended = true;
    }
  };
  await expect(concurrently([other, async () => Promise.reject(new Error("first"))], signal)).rejects.toThrow(
    "first",
  );
  expect(ended).toBe(true);
});

test("the caller's abort reaches all tasks", async () => {
  const controller = new AbortController();
  const running = concurrently([untilAborted, untilAborted], controller.signal);
  controller.abort();
  await expect(running).rejects.toThrow("stopped by another");
});

test("nothing to do", async () => {
  expect(await concurrently([], signal)).toEqual([]);
});
