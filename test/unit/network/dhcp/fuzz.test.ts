import { expect, it } from "vitest";
import { dhcpTarget } from "../../../fuzz/dhcp.ts";

it("survives 20000 damaged answers", async () => {
  const failure = await dhcpTarget.run({ runs: 20_000, seed: 1 });
  expect(failure && `${failure.what}: ${Buffer.from(failure.input).toString("hex")}`).toBeUndefined();
}, 30_000);
