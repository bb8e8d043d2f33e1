import { expect, test } from "vitest";
import { tftpTarget } from "../../../fuzz/tftp.ts";

test("packets lost, repeated, swapped and damaged", async () => {
  const failure = await tftpTarget.run({ runs: 20_000, seed: 1 });
  expect(failure?.what).toBeUndefined();
});
