import { describe, expect, test } from "vitest";
import { type GptHeader, parseGptHeader, parseGptPartition } from "../../../../src/storage/boot/gpt.ts";
import { GPT_512, GPT_4096, gptDrive } from "./gpt-fixtures.ts";

function headerOf(drive: Buffer, sectorBytes: number): GptHeader {
  const header = parseGptHeader(drive.subarray(sectorBytes, 2 * sectorBytes));
  if ("defect" in header) throw new Error(header.defect);
  return header;
}

describe.each([
  ["512", GPT_512, { first: 2048n, count: 262144n, guid: "389fb0823951cc4181fc6decd2ea859b" }],
  ["4096", GPT_4096, { first: 256n, count: 32768n, guid: "9075ea13bbac21458a955df32ccc87f4" }],
] as const)("a table written by parted on a drive with sectors of %s bytes", (_size, gpt, expected) => {
  const drive = gptDrive(gpt);
  const { sectorBytes } = gpt;
  const entries = drive.subarray(2 * sectorBytes);

  test("gives the place and the identity of a partition", () => {
    const header = headerOf(drive, sectorBytes);
    expect(header).toMatchObject({ entriesLba: 2, entryCount: 128, entryBytes: 128 });
    const partition = parseGptPartition(entries, header, 1);
    expect(partition).toEqual({
      number: 1,
      firstLba: expected.first,
      sectorCount: expected.count,
      guid: Uint8Array.from(Buffer.from(expected.guid, "hex")),
    });
  });

  test("has no partition that is not in it", () => {
    const header = headerOf(drive, sectorBytes);
    for (const number of [0, -1, 3, 128, 129])
      expect(parseGptPartition(entries, header, number)).toEqual({
        defect: `GPT without partition ${number}`,
      });
  });

  test("is refused with a single wrong bit, in the header as in the entries", () => {
    const header = headerOf(drive, sectorBytes);
    for (let offset = 0; offset < 92; offset++) {
      const sector = Buffer.from(drive.subarray(sectorBytes, 2 * sectorBytes));
      sector[offset] = (sector[offset] ?? 0) ^ 1;
      expect(parseGptHeader(sector)).toHaveProperty("defect");
    }
    for (const offset of [0, 20, 200, 128 * 128 - 1]) {
      const broken = Buffer.from(entries);
      broken[offset] = (broken[offset] ?? 0) ^ 1;
      expect(parseGptPartition(broken, header, 1)).toEqual({ defect: "GPT entries with a wrong checksum" });
    }
  });
});

test.each([
  ["nothing", Buffer.alloc(0)],
  ["zeroes", Buffer.alloc(512)],
  ["a header cut short", GPT_512.header.subarray(0, 91)],
  ["a header that claims to be longer than the sector", withUint32(GPT_512.header, 12, 4096)],
  ["a header that claims to be shorter than any", withUint32(GPT_512.header, 12, 0)],
])("no table: %s", (_what, sector) => {
  expect(parseGptHeader(sector)).toHaveProperty("defect");
});

test("entries that end too early are no table", () => {
  const drive = gptDrive(GPT_512);
  expect(parseGptPartition(drive.subarray(1024, 4096), headerOf(drive, 512), 1)).toEqual({
    defect: "GPT that ends in its entries",
  });
});

function withUint32(bytes: Buffer, offset: number, value: number): Buffer {
  const copy = Buffer.alloc(512);
  copy.set(bytes);
  copy.writeUInt32LE(value, offset);
  return copy;
}
