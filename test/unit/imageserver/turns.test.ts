import { expect, it } from "vitest";
import { Turns } from "../../../src/imageserver/turns.ts";

it("lets two in at a time, in the order of asking", async () => {
  const turns = new Turns(2);
  const events: string[] = [];
  const first = await turns.take();
  const second = await turns.take();
  const third = turns.take().then((turn) => {
    events.push("third");
    return turn;
  });
  const fourth = turns.take().then((turn) => {
    events.push("fourth");
    return turn;
  });
  await Promise.resolve();
  expect(events).toEqual([]);
  second[Symbol.dispose]();
  (await third)[Symbol.dispose]();
  await fourth;
  expect(events).toEqual(["third", "fourth"]);
  first[Symbol.dispose]();
  await turns.take();
});
