import { expect, it } from "vitest";
import { srpcHeadTarget } from "../../../fuzz/srpc-head.ts";

it("survives 20000 damaged heads and certificates", async () => {
  const failure = await srpcHeadTarget.run({ runs: 20_000, seed: 1 });
  expect(failure && `${failure.what}: ${Buffer.from(failure.input).toString("hex")}`).toBeUndefined();
}, 30_000);
