import { expect, it } from "vitest";
import { jsonTarget } from "../../../fuzz/json.ts";

it("survives 10000 damaged requests", async () => {
  const failure = await jsonTarget.run({ runs: 10_000, seed: 1 });
  expect(failure && `${failure.what}: ${Buffer.from(failure.input).toString("hex")}`).toBeUndefined();
}, 30_000);
