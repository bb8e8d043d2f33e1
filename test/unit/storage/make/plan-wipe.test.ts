import fc from "fast-check";
import { expect, test } from "vitest";
import type { ByteRange } from "../../../../src/storage/drives/signatures.ts";
import { planWipe } from "../../../../src/storage/make/plan-wipe.ts";
import { GIB, MIB } from "../plan/plan-fixtures.ts";

const KIB = 1024;

function covers(ranges: readonly ByteRange[], from: number, to: number): boolean {
  return ranges.some(
    ({ offsetBytes, lengthBytes }) => offsetBytes <= from && to <= offsetBytes + lengthBytes,
  );
}

test("the boot code is the first thing to go", () => {
  expect(planWipe(GIB, [])[0]?.offsetBytes).toBe(0);
});

/** Offsets from the start of the device, with the length of what is there. */
const PLACES: readonly (readonly [
  name: string,
  place: (sizeBytes: number) => number,
  lengthBytes: number,
])[] = [
  ["boot code and MBR", () => 0, 512],
  ["LUKS and LVM labels", () => 0, 4 * KIB],
  ["MD 1.2", () => 4 * KIB, 4 * KIB],
  ["MD 1.0", (size) => Math.floor((size - 8 * KIB) / (4 * KIB)) * 4 * KIB, 4 * KIB],
  ["MD 0.90", (size) => Math.floor(size / (64 * KIB)) * 64 * KIB - 64 * KIB, 4 * KIB],
  ["ZFS, first labels", () => 0, 512 * KIB],
  ["ZFS, last labels", (size) => Math.floor(size / (256 * KIB)) * 256 * KIB - 512 * KIB, 512 * KIB],
  ["btrfs", () => 64 * KIB, 4 * KIB],
  ["btrfs, first mirror", () => 64 * MIB, 4 * KIB],
  ["btrfs, second mirror", () => 256 * GIB, 4 * KIB],
  ["backup GPT, 512-byte sectors", (size) => size - 33 * 512, 33 * 512],
  ["backup GPT, 4096-byte sectors", (size) => size - 6 * 4 * KIB, 6 * 4 * KIB],
  ["LUKS2, second header", () => 4 * MIB, 4 * KIB],
  ["swap on 64 KiB pages", () => 64 * KIB - 10, 10],
];

test.each(PLACES)("%s: on the drive and on an old partition", (_name, place, lengthBytes) => {
  const drive = { startBytes: 0, sizeBytes: 600 * GIB };
  const old = { startBytes: 100 * GIB + MIB, sizeBytes: 300 * GIB + 7 * 512 };
  const ranges = planWipe(drive.sizeBytes, [old]);
  for (const { startBytes, sizeBytes } of [drive, old]) {
    const start = startBytes + place(sizeBytes);
    expect(covers(ranges, start, start + lengthBytes)).toBe(true);
  }
});

test("a partition that claims more than the drive has is cut off", () => {
  const ranges = planWipe(GIB, [
    { startBytes: GIB - 2 * MIB, sizeBytes: GIB },
    { startBytes: 2 * GIB, sizeBytes: GIB },
  ]);
  expect(Math.max(...ranges.map(({ offsetBytes, lengthBytes }) => offsetBytes + lengthBytes))).toBe(GIB);
});

test("ranges are sorted, apart from each other and inside the drive", () => {
  const area = fc.record({ startBytes: fc.nat(2 ** 40), sizeBytes: fc.nat(2 ** 40) });
  fc.assert(
    fc.property(
      fc.integer({ min: 1, max: 2 ** 40 }),
      fc.array(area, { maxLength: 8 }),
      (sizeBytes, areas) => {
        const ranges = planWipe(sizeBytes, areas);
        let end = -1;
        for (const { offsetBytes, lengthBytes } of ranges) {
          expect(offsetBytes).toBeGreaterThan(end);
          expect(lengthBytes).toBeGreaterThan(0);
          end = offsetBytes + lengthBytes;
        }
        expect(end).toBe(sizeBytes);
      },
    ),
    { seed: 5 },
  );
});
