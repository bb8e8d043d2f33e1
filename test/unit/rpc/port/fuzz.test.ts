import { expect, it } from "vitest";
import { portOpeningTarget } from "../../../fuzz/port-opening.ts";

it("tells 20000 damaged openings apart, however they are cut", async () => {
  const failure = await portOpeningTarget.run({ runs: 20_000, seed: 1 });
  expect(failure && `${failure.what}: ${Buffer.from(failure.input).toString("hex")}`).toBeUndefined();
}, 30_000);
