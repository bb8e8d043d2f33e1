import fc from "fast-check";
import { describe, expect, test } from "vitest";
import {
  decodeLoadOption,
  END_OF_PATH,
  encodeLoadOption,
  filePathNode,
  hardDriveNode,
  type LoadOption,
  partitionGuidOf,
} from "../../../../src/storage/boot/efi-load-option.ts";

/** Variables of OVMF 2022.11, as its store keeps them. */
const OVMF_HARD_DISK = Buffer.from(
  "0100000020005500450046004900200051004500" +
    "4d005500200048004100520044004400490053004b00200051004d00300030003000300031002000000002010c00d041030a" +
    "0000000001010600021f03120a000000ffff00007fff04004eac0881119f594d850ee21a522c59b2",
  "hex",
);
const OVMF_SHELL = Buffer.from(
  "010000002c00450046004900200049006e007400650072006e0061006c0020005300680065006c006c000000" +
    "04071400c9bdb87cebf8344faaea3ee4af6516a10406140083a5047c3e9e1c4fad65e05268d0b4d17fff0400",
  "hex",
);

/** Byte for byte by the tables of the UEFI specification. */
const OURS = Buffer.concat([
  Buffer.from("01000000" + "5e00", "hex"),
  Buffer.from("installer: QEMU\0", "utf16le"),
  Buffer.from(
    "04012a00" + // media, hard drive, 42 bytes
      "01000000" +
      "0008000000000000" +
      "0000040000000000" +
      "389fb0823951cc4181fc6decd2ea859b" +
      "02" + // GPT
      "02", // GUID
    "hex",
  ),
  Buffer.from("04043000", "hex"),
  Buffer.from("\\EFI\\BOOT\\BOOTX64.EFI\0", "utf16le"),
  Buffer.from("7fff0400", "hex"),
]);

const option: LoadOption = {
  attributes: 1,
  description: "installer: QEMU",
  filePath: [
    hardDriveNode({
      number: 1,
      firstLba: 2048n,
      sectorCount: 262_144n,
      guid: Buffer.from("389fb0823951cc4181fc6decd2ea859b", "hex"),
    }),
    filePathNode("\\EFI\\BOOT\\BOOTX64.EFI"),
    END_OF_PATH,
  ],
  optionalData: new Uint8Array(),
};

describe("our own option", () => {
  test("has the bytes that the specification wants", () => {
    expect(encodeLoadOption(option).toString("hex")).toBe(OURS.toString("hex"));
  });

  test("tells its partition", () => {
    expect(Buffer.from(partitionGuidOf(option) ?? []).toString("hex")).toBe(
      "389fb0823951cc4181fc6decd2ea859b",
    );
  });
});

describe.each([
  [
    "a disk that the firmware found",
    OVMF_HARD_DISK,
    "UEFI QEMU HARDDISK QM00001 ",
    ["2/1", "1/1", "3/18", "127/255"],
    16,
  ],
  ["the firmware's shell", OVMF_SHELL, "EFI Internal Shell", ["4/7", "4/6", "127/255"], 0],
  ["ours", OURS, "installer: QEMU", ["4/1", "4/4", "127/255"], 0],
] as const)("%s", (_what, bytes, description, nodes, optionalBytes) => {
  test("is understood", () => {
    const decoded = decodeLoadOption(bytes);
    expect(decoded?.description).toBe(description);
    expect(decoded?.attributes).toBe(1);
    expect(decoded?.filePath.map(({ type, subtype }) => `${type}/${subtype}`)).toEqual(nodes);
    expect(decoded?.optionalData.byteLength).toBe(optionalBytes);
  });

  test("is the same when written again", () => {
    const decoded = decodeLoadOption(bytes);
    expect(decoded && encodeLoadOption(decoded).equals(bytes)).toBe(true);
  });

  test("cut short anywhere in its header, description or path it is no option, and no crash", () => {
    for (let length = 0; length < bytes.byteLength - optionalBytes; length++)
      expect(decodeLoadOption(bytes.subarray(0, length))).toBeUndefined();
  });
});

test("only a GPT partition has an identity", () => {
  const shell = decodeLoadOption(OVMF_SHELL);
  expect(shell && partitionGuidOf(shell)).toBeUndefined();
  const mbr: LoadOption = {
    ...option,
    filePath: option.filePath.map((node, index) =>
      index === 0 ? { ...node, data: Buffer.concat([node.data.subarray(0, 36), Buffer.from([1, 1])]) } : node,
    ),
  };
  expect(partitionGuidOf(mbr)).toBeUndefined();
  const short: LoadOption = { ...option, filePath: [{ type: 4, subtype: 1, data: Buffer.alloc(37) }] };
  expect(partitionGuidOf(short)).toBeUndefined();
});

test("a path node whose length is less than its header is no option", () => {
  const broken = Buffer.from(OURS);
  broken.writeUInt16LE(3, broken.indexOf(Buffer.from("04012a00", "hex")) + 2);
  expect(decodeLoadOption(broken)).toBeUndefined();
});

test("whatever is written is read back", () => {
  const node = fc.record({
    type: fc.nat(255),
    subtype: fc.nat(255),
    data: fc.uint8Array({ maxLength: 60 }),
  });
  const anyOption = fc.record({
    attributes: fc.nat(0xffffffff),
    description: fc
      .array(fc.integer({ min: 1, max: 0xffff }), { maxLength: 40 })
      .map((units) => String.fromCharCode(...units)),
    filePath: fc.array(node, { maxLength: 8 }),
    optionalData: fc.uint8Array({ maxLength: 60 }),
  });
  fc.assert(
    fc.property(anyOption, (written) => {
      const read = decodeLoadOption(encodeLoadOption(written));
      expect(read && plain(read)).toEqual(plain(written));
    }),
  );
});

test("no bytes make the decoder throw, and what it takes it can write again", () => {
  fc.assert(
    fc.property(fc.uint8Array({ maxLength: 200 }), (bytes) => {
      const decoded = decodeLoadOption(bytes);
      if (decoded !== undefined) expect(encodeLoadOption(decoded).equals(bytes)).toBe(true);
    }),
  );
});

function plain({ attributes, description, filePath, optionalData }: LoadOption) {
  return {
    attributes,
    description,
    filePath: filePath.map(({ type, subtype, data }) => [type, subtype, Buffer.from(data).toString("hex")]),
    optionalData: Buffer.from(optionalData).toString("hex"),
  };
}
