import { describe, expect, test } from "vitest";
import { FactsKeeper } from "../../../../src/engine/machine/facts-keeper.ts";
import { FakeClock } from "../../../support/fake-host.ts";

/** Counts readings; each ends when it is told to. */
function makeKeeper() {
  const clock = new FakeClock();
  const readings: PromiseWithResolvers<number>[] = [];
  const read = async (): Promise<number> => {
    const reading = Promise.withResolvers<number>();
    readings.push(reading);
    return reading.promise;
  };
  return { clock, readings, keeper: new FactsKeeper({ read, initial: 0, clock }) };
}

describe("FactsKeeper", () => {
  test("nothing is read while nobody asks", () => {
    expect(makeKeeper().readings).toHaveLength(0);
  });

  test("who asks gets what is known at once, and the next one what was read", async () => {
    const { keeper, readings } = makeKeeper();
    expect(keeper.current()).toBe(0);
    readings[0]?.resolve(1);
    await keeper.refresh();
    expect(keeper.current()).toBe(1);
  });

  test("many who ask cause one reading in two seconds", async () => {
    const { keeper, readings, clock } = makeKeeper();
    for (let asked = 0; asked < 50; asked++) keeper.current();
    readings[0]?.resolve(1);
    await keeper.refresh();
    clock.advance(1_999);
    keeper.current();
    expect(readings).toHaveLength(1);
    clock.advance(1);
    keeper.current();
    expect(readings).toHaveLength(2);
  });

  test("a reading that hangs is not joined by more of them", () => {
    const { keeper, readings, clock } = makeKeeper();
    for (let minute = 0; minute < 10; minute++) {
      keeper.current();
      clock.advance(60_000);
    }
    expect(readings).toHaveLength(1);
  });

  test("a failure keeps what was known", async () => {
    const { keeper, readings, clock } = makeKeeper();
    keeper.current();
    readings[0]?.resolve(1);
    await keeper.refresh();
    clock.advance(5_000);
    keeper.current();
    readings[1]?.reject(new Error("no luck"));
    await keeper.refresh();
    expect(keeper.current()).toBe(1);
  });
});
