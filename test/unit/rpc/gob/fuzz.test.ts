import { expect, it } from "vitest";
import { gobTarget } from "../../../fuzz/gob.ts";

it("survives 20000 damaged streams", async () => {
  const failure = await gobTarget.run({ runs: 20_000, seed: 1 });
  expect(failure && `${failure.what}: ${Buffer.from(failure.input).toString("hex")}`).toBeUndefined();
}, 30_000);
