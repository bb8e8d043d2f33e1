import fc from "fast-check";
import { describe, expect, test } from "vitest";
import type { Signature } from "../../../../src/storage/drives/signatures/signature.ts";
import {
  findSignatures,
  readSignatures,
  signatureRanges,
} from "../../../../src/storage/drives/signatures.ts";
import {
  FORGED_SIZE_BYTES,
  FORGERIES,
  type Forgery,
  forgedDevice,
} from "../../../support/forged-signatures.ts";

const MIB = 2 ** 20;

/** Everything found on a device whose content is known whole. */
function find(device: Buffer): readonly Signature[] {
  const pieces = signatureRanges(device.byteLength).map(({ offsetBytes, lengthBytes }) => ({
    offsetBytes,
    bytes: device.subarray(offsetBytes, offsetBytes + lengthBytes),
  }));
  return findSignatures(device.byteLength, pieces);
}

function sectorWith(parts: Readonly<Record<number, string>>): Buffer {
  const device = Buffer.alloc(MIB);
  for (const [offset, text] of Object.entries(parts)) device.write(text, Number(offset), "latin1");
  return device;
}

describe("what systems leave on a device is recognised", () => {
  test.each(FORGERIES)("$name", (forgery) => {
    const [found] = find(forgedDevice(forgery));
    expect(found).toMatchObject({ type: forgery.type, text: forgery.text });
    expect(found?.memberOf).toBe(forgery.memberOf);
  });

  test("nothing on zeroes", () => {
    expect(find(Buffer.alloc(FORGED_SIZE_BYTES))).toEqual([]);
  });

  test("each of several systems on one device, in the order of their places", () => {
    const named = (name: string): Forgery =>
      FORGERIES.filter((forgery) => forgery.name === name)[0] as Forgery;
    const pieces = ["MD 1.0", "LVM", "ISO 9660"].flatMap((name) => named(name).pieces);
    expect(find(forgedDevice({ pieces })).map(({ type }) => type)).toEqual([
      "lvm-member",
      "iso9660",
      "raid-member",
    ]);
  });
});

describe("partition tables", () => {
  const table = { 446: "\x80", 450: "\x83", 510: "\x55\xaa" };

  test.each([
    ["an MBR", table, ["mbr"]],
    ["an MBR with GRUB's boot code", { ...table, 384: "GRUB \0Geom" }, ["boot-code", "mbr"]],
    ["the MBR that protects a GPT", { ...table, 450: "\xee" }, ["protective-mbr"]],
    ["a GPT of 512-byte sectors", { ...table, 450: "\xee", 512: "EFI PART" }, ["protective-mbr", "gpt"]],
    ["a GPT of 4096-byte sectors", { 4096: "EFI PART" }, ["gpt"]],
    ["no table where the active mark is neither on nor off", { ...table, 462: "\x01" }, []],
    ["no table in the boot sector of NTFS", { ...table, 3: "NTFS    " }, ["ntfs"]],
  ])("%s", (_name, parts, types) => {
    expect(find(sectorWith(parts)).map(({ type }) => type)).toEqual(types);
  });

  test.each([512, 4096])("a GPT of which only the backup in the last %i bytes is left", (sectorBytes) => {
    const found = find(sectorWith({ [MIB - sectorBytes]: "EFI PART" }));
    expect(found).toEqual([{ type: "gpt", text: "backup of a GPT", offsetBytes: MIB - sectorBytes }]);
  });
});

describe("hostile bytes", () => {
  const places = FORGERIES.flatMap(({ pieces }) => pieces);

  test("never throw, and only printable ASCII of bounded length comes out", () => {
    const patch = fc.record({
      piece: fc.constantFrom(...places),
      offset: fc.nat({ max: 300 }),
      noise: fc.uint8Array({ maxLength: 96 }),
    });
    fc.assert(
      fc.property(
        fc.array(patch, { maxLength: 6 }),
        fc.integer({ min: 0, max: 3 * MIB }),
        (patches, size) => {
          const device = Buffer.alloc(size);
          for (const { piece, offset, noise } of patches) {
            const place = piece.offsetBytes < 0 ? size + piece.offsetBytes : piece.offsetBytes;
            if (place < 0 || place + offset >= size) continue;
            piece.bytes.copy(device, place);
            Buffer.from(noise).copy(device, place + offset);
          }
          for (const { text, memberOf = "x", offsetBytes } of find(device)) {
            expect(text).toMatch(/^[\x20-\x7e]{1,160}$/);
            expect(memberOf).toMatch(/^[\x20-\x7e]{1,160}$/);
            expect(offsetBytes).toBeGreaterThanOrEqual(0);
            expect(offsetBytes).toBeLessThan(size);
          }
        },
      ),
      { numRuns: 400 },
    );
  });

  test("a label with control characters does not reach the log as it is", () => {
    const device = sectorWith({ 0: "XFSB", 108: 'a\x1b[31m"\xff' });
    expect(find(device)).toMatchObject([{ text: 'xfs "a?[31m\\"?"' }]);
  });

  test("an LVM header that points to itself ends", () => {
    const device = sectorWith({ 512: "LABELONE", 536: "LVM2 001" });
    expect(find(device)).toMatchObject([{ text: "LVM physical volume", memberOf: "LVM volume group" }]);
  });
});

describe("what is read", () => {
  test("lies inside the device, in order and without overlap, for any size", () => {
    fc.assert(
      fc.property(fc.integer({ min: 0, max: 2 ** 45 }), (sizeBytes) => {
        let end = 0;
        for (const { offsetBytes, lengthBytes } of signatureRanges(sizeBytes)) {
          expect(lengthBytes).toBeGreaterThan(0);
          expect(offsetBytes).toBeGreaterThanOrEqual(end);
          end = offsetBytes + lengthBytes;
        }
        expect(end).toBe(sizeBytes);
      }),
    );
  });

  test("is little, however large the drive", () => {
    const total = signatureRanges(2 ** 44).reduce((sum, { lengthBytes }) => sum + lengthBytes, 0);
    expect(total).toBeLessThan(2.1 * MIB);
  });

  test("a partition is read through its drive", async () => {
    const drive = Buffer.concat([Buffer.alloc(4 * MIB), sectorWith({ 0: "XFSB" })]);
    const readAt = async (_path: unknown, offset: number, length: number) =>
      drive.subarray(offset, offset + length);
    const area = { path: "/dev/sda", startBytes: 4 * MIB, sizeBytes: MIB };
    expect(await readSignatures(area, { readAt })).toMatchObject([{ type: "xfs", offsetBytes: 0 }]);
  });
});
