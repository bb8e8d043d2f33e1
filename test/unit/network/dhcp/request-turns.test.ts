import { setImmediate as turn } from "node:timers/promises";
import { expect, test } from "vitest";
import { RequestTurns } from "../../../../src/network/dhcp/request-turns.ts";

const never = new AbortController().signal;

test("one at a time, in order", async () => {
  const turns = new RequestTurns();
  const order: string[] = [];
  const first = await turns.take(never);
  const second = turns.take(never).then((own) => {
    order.push("second");
    return own;
  });
  const third = turns.take(never).then(() => order.push("third"));
  await turn();
  expect(order).toEqual([]);
  first.end();
  (await second).end();
  await third;
  expect(order).toEqual(["second", "third"]);
});

test("who is stopped while waiting never gets a turn and blocks nobody", async () => {
  const turns = new RequestTurns();
  const stop = new AbortController();
  const first = await turns.take(never);
  const second = turns.take(stop.signal);
  const third = turns.take(never);
  stop.abort(new Error("stopped"));
  await expect(second).rejects.toThrow("stopped");
  first.end();
  await expect(third).resolves.toBeDefined();
});
