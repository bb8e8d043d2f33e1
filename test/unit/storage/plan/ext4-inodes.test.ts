import { expect, test } from "vitest";
import { ext4InodeCapacity, planBytesPerInode } from "../../../../src/storage/plan/ext4-inodes.ts";
import { GIB, MIB, TIB } from "./plan-fixtures.ts";

test.each([
  [2 * MIB, undefined, 2 ** 8 - 64],
  [256 * MIB, undefined, 2 ** 16 - 64],
  [GIB, undefined, 2 ** 16 - 64],
  [8 * TIB, undefined, 2 ** 28 - 64],
  [32 * TIB, undefined, 2 ** 29 - 64],
  [GIB, 1024, 2 ** 20 - 64],
  [0, undefined, 0],
  [2 * GIB, 2048, 2 ** 20 - 64],
])("%i bytes with a ratio of %s hold %i files", (sizeBytes, bytesPerInode, count) => {
  expect(ext4InodeCapacity(sizeBytes, bytesPerInode, 512)).toBe(count);
});

test("the default of mkfs is kept as long as it has room", () => {
  expect(planBytesPerInode(GIB, 2 ** 16 - 64, 512)).toBeUndefined();
});

test.each([2 ** 16, 100_000, 400_000])("more room is made for %i files", (count) => {
  const ratio = planBytesPerInode(GIB, count, 512);
  expect(ratio).toBeLessThan(16384);
  expect(ext4InodeCapacity(GIB, ratio, 512)).toBeGreaterThan(count);
});

test("mkfs goes no lower than 1024", () => {
  expect(planBytesPerInode(GIB, 10_000_000, 512)).toBe(1024);
});
