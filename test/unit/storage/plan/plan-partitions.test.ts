import { describe, expect, test } from "vitest";
import { planPartitions } from "../../../../src/storage/plan/plan-partitions.ts";
import { drive, GIB, MIB, partition, TIB } from "./plan-fixtures.ts";

const sized = (mountPoint: string, sizeMiB: number) => partition(mountPoint, { minimumBytes: sizeMiB * MIB });

function extents(...args: Parameters<typeof planPartitions>) {
  return planPartitions(...args).extents.map(({ number, startBytes, endBytes, openEnded, partition: of }) => [
    number,
    startBytes / MIB,
    endBytes / MIB,
    openEnded,
    of?.mountPoint,
  ]);
}

test("partitions follow each other from 1 MiB on, in whole MiB, the last to the end", () => {
  const partitions = [
    partition("/", { minimumBytes: MIB + 1, minimumFreeBytes: 5 }),
    sized("/home", 10),
    partition("/data/0"),
  ];
  expect(extents(drive("sda", { sizeBytes: GIB + 12345 }), partitions, "bios")).toEqual([
    [1, 1, 3, false, "/"],
    [2, 3, 13, false, "/home"],
    [3, 13, 1024, true, "/data/0"],
  ]);
});

test("a GPT keeps the end of the drive for its backup", () => {
  const partitions = [sized("/mnt/efi", 128), partition("/data/0")];
  expect(extents(drive("sda", { sizeBytes: GIB }), partitions, "efi").at(-1)).toEqual([
    2,
    129,
    1023,
    true,
    "/data/0",
  ]);
});

describe("BIOS with a drive or layout beyond an MBR: a GPT with an area for GRUB", () => {
  const five = [
    sized("/boot", 10),
    sized("/", 10),
    sized("/home", 10),
    sized("/var", 10),
    partition("/data/0"),
  ];

  test("more than four partitions", () => {
    const { tableType, notes } = planPartitions(drive("sda"), five, "bios");
    expect(tableType).toBe("gpt");
    expect(notes).toEqual(["using a GPT with a BIOS boot partition: an MBR has no room for 5 partitions"]);
    expect(extents(drive("sda"), five, "bios")).toEqual([
      [1, 2, 12, false, "/boot"],
      [2, 12, 22, false, "/"],
      [3, 22, 32, false, "/home"],
      [4, 32, 42, false, "/var"],
      [5, 42, 16383, true, "/data/0"],
      [6, 1, 2, false, undefined],
    ]);
  });

  test.each([
    [2 * TIB, 512, "msdos"],
    [2 * TIB + 512, 512, "gpt"],
    [8 * TIB, 4096, "msdos"],
    [17 * TIB, 4096, "gpt"],
  ])("a drive of %i bytes with sectors of %i: %s", (sizeBytes, logicalSectorBytes, tableType) => {
    const partitions = [sized("/", 10), partition("/data/0")];
    expect(
      planPartitions(drive("sda", { sizeBytes, logicalSectorBytes }), partitions, "bios").tableType,
    ).toBe(tableType);
  });
});

test.each<[code: string, message: string, ...Parameters<typeof planPartitions>]>([
  [
    "E_LAYOUT_SIZE",
    "storage layout: partition /home has neither MinimumBytes nor MinimumFreeBytes, and is not the last",
    drive("sda"),
    [sized("/", 10), partition("/home"), partition("/data/0")],
    "bios",
  ],
  [
    "E_LAYOUT_TOO_MANY_PARTITIONS",
    "storage layout: 128 partitions are more than a partition table holds",
    drive("sda"),
    Array.from({ length: 128 }, (_, index) => sized(`/${index}`, 1)),
    "bios",
  ],
  [
    "E_DRIVE_TOO_SMALL",
    "planning /dev/sda: partition 2 (/data/0) does not fit: the layout needs 1056 MiB (1107296256 bytes), " +
      "the drive has room for 1055 MiB (1106247680 bytes)",
    drive("sda", { sizeBytes: 1055 * MIB }),
    [sized("/", 1023), partition("/data/0")],
    "bios",
  ],
  [
    "E_DRIVE_TOO_SMALL",
    "planning /dev/sda: partition 1 (/) does not fit: the layout needs 101 MiB (105906176 bytes), " +
      "the drive has room for 100 MiB (104857600 bytes)",
    drive("sda", { sizeBytes: 101 * MIB }),
    [sized("/", 100)],
    "efi",
  ],
])("%s: %s", (code, message, ...args) => {
  expect(() => planPartitions(...args)).toThrow(expect.objectContaining({ code, message }));
});

test("the smallest drive that will do", () => {
  const partitions = [sized("/", 1023), partition("/data/0")];
  expect(extents(drive("sda", { sizeBytes: 1056 * MIB }), partitions, "bios").at(-1)).toEqual([
    2,
    1024,
    1056,
    true,
    "/data/0",
  ]);
});
