import { expect, test } from "vitest";
import { writeRandomSeed } from "../../../src/network/random-seed.ts";

test.each([
  [Buffer.from("seed"), [["/dev/urandom", "seed", 0o666]]],
  [Buffer.alloc(0), []],
])("%j", async (seed, expected) => {
  const written: unknown[] = [];
  await writeRandomSeed(
    {
      async writeFile(path, content, options) {
        written.push([path, content.toString(), options?.mode]);
      },
    },
    seed,
  );
  expect(written).toEqual(expected);
});
