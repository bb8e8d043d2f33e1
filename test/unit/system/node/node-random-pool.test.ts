import { expect, test } from "vitest";
import type { NativeCalls } from "../../../../src/system/node/native/native-calls.ts";
import { NodeRandomPool } from "../../../../src/system/node/node-random-pool.ts";
import { systemError } from "../../../../src/system/system-error.ts";

/** A kernel that answers RNDADDENTROPY by `ioctl`; the device is the real one, which everybody may write. */
function poolWith(ioctl: NativeCalls["ioctl"]): NodeRandomPool {
  return new NodeRandomPool(() => ({ ioctl }) as NativeCalls);
}

test("seed and credit go to the kernel in one structure", async () => {
  const calls: (readonly [number, string])[] = [];
  const pool = poolWith((_fd, request, argument) => void calls.push([request, argument.toString("hex")]));
  expect(await pool.add(Buffer.from("seed!"), 5)).toBe(5);
  // struct rand_pool_info { int entropy_count; int buf_size; __u32 buf[]; }
  expect(calls).toEqual([[0x40085203, "0500000005000000" + Buffer.from("seed!").toString("hex")]]);
});

test.each(["EPERM", "ENOTTY"] as const)("with %s the seed is stirred in without credit", async (code) => {
  const pool = poolWith(() => {
    throw systemError(code, "ioctl");
  });
  expect(await pool.add(Buffer.from("seed"), 4)).toBe(0);
});

test("a defect is not taken for a refusal", async () => {
  const pool = poolWith(() => {
    throw new TypeError("no such call");
  });
  await expect(pool.add(Buffer.from("seed"), 4)).rejects.toThrow("no such call");
});
