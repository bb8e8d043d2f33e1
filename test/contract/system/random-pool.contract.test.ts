import { expect, test } from "vitest";
import { createNodeHost } from "../../../src/system/node/node-host.ts";

test("the kernel of this machine takes a seed, with credit or without", async () => {
  await using host = createNodeHost();
  expect([0, 4]).toContain(await host.randomPool.add(Buffer.from("seed"), 4));
});
