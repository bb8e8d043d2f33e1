import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { DEFAULT_GOB_LIMITS, type GobLimits } from "../../../../src/rpc/gob/limits.ts";
import { MessageCursor } from "../../../../src/rpc/gob/message-cursor.ts";
import { MessageWriter } from "../../../../src/rpc/gob/message-writer.ts";

function cursorOver(hex: string, limits: Partial<GobLimits> = {}): MessageCursor {
  const cursor = new MessageCursor({ ...DEFAULT_GOB_LIMITS, ...limits });
  cursor.load(Buffer.from(hex.replaceAll(" ", ""), "hex"));
  return cursor;
}

function written(write: (writer: MessageWriter) => void): string {
  const writer = new MessageWriter();
  write(writer);
  return writer.written.toString("hex");
}

describe("basic kinds", () => {
  it.each<[bigint, string]>([
    [0n, "00"],
    [127n, "7f"],
    [128n, "ff80"],
    [255n, "ffff"],
    [256n, "fe0100"],
    [2n ** 48n - 1n, "faffffffffffff"],
    [2n ** 48n, "f901000000000000"],
    [2n ** 63n, "f88000000000000000"],
    [2n ** 64n - 1n, "f8ffffffffffffffff"],
  ])("unsigned %d is %s", (value, hex) => {
    expect(cursorOver(hex).readBigUint()).toBe(value);
    expect(written((writer) => writer.writeBigUint(value))).toBe(hex);
    if (value <= Number.MAX_SAFE_INTEGER) {
      expect(cursorOver(hex).readUint()).toBe(Number(value));
      expect(written((writer) => writer.writeUint(Number(value)))).toBe(hex);
    }
  });

  it.each<[bigint, string]>([
    [0n, "00"],
    [-1n, "01"],
    [1n, "02"],
    [-129n, "fe0101"],
    [63n, "7e"],
    [2n ** 63n - 1n, "f8fffffffffffffffe"],
    [-(2n ** 63n), "f8ffffffffffffffff"],
  ])("signed %d is %s", (value, hex) => {
    expect(cursorOver(hex).readBigInt()).toBe(value);
    expect(written((writer) => writer.writeBigInt(value))).toBe(hex);
    if (value === BigInt.asIntN(53, value)) expect(cursorOver(hex).readInt()).toBe(Number(value));
  });

  it.each<[number, string]>([
    [1.5, "fef83f"],
    [17, "fe3140"],
    [0, "00"],
    [-0, "ff80"],
    [Number.NEGATIVE_INFINITY, "fef0ff"],
  ])("floating point %d is %s", (value, hex) => {
    expect(cursorOver(hex).readFloat()).toBe(value);
    expect(written((writer) => writer.writeFloat(value))).toBe(hex);
  });

  it("accepts numbers in more bytes than needed", () => {
    expect(cursorOver("f80000000000000005").readUint()).toBe(5);
    expect(cursorOver("fd00000c").readInt()).toBe(6);
  });

  it("writes every number so that it is read back", () => {
    fc.assert(
      fc.property(fc.bigInt({ min: -(2n ** 63n), max: 2n ** 63n - 1n }), fc.double(), (integer, float) => {
        const writer = new MessageWriter();
        writer.writeBigInt(integer);
        writer.writeFloat(float);
        const cursor = cursorOver(writer.written.toString("hex"));
        expect(cursor.readBigInt()).toBe(integer);
        expect(cursor.readFloat()).toBe(float);
        expect(cursor.remaining).toBe(0);
      }),
      { seed: 2, numRuns: 300 },
    );
  });
});

describe("damaged messages", () => {
  it.each<[string, string, (cursor: MessageCursor) => unknown]>([
    ["nothing left", "", (cursor) => cursor.readUint()],
    ["an integer that is cut", "fe01", (cursor) => cursor.readUint()],
    ["an integer of nine bytes", "f7000000000000000001", (cursor) => cursor.readBigUint()],
    ["a string longer than the message", "0561", (cursor) => cursor.readString("utf8")],
    ["bytes of an enormous length", "f8ffffffffffffff00", (cursor) => cursor.readBytes()],
    ["an element where nothing is left", "", (cursor) => cursor.startElement()],
  ])("refuses %s", (_what, hex, read) => {
    expect(() => read(cursorOver(hex))).toThrow(
      expect.objectContaining({ code: expect.stringMatching(/^E_GOB_(CORRUPT|TYPE)$/) }),
    );
  });

  it("refuses what a number cannot hold, with the field's name", () => {
    const cursor = cursorOver("f80020000000000000");
    cursor.field = "Size";
    expect(() => cursor.readUint()).toThrow(
      expect.objectContaining({
        code: "E_GOB_TYPE",
        message: expect.stringContaining('"Size" out of range'),
      }),
    );
  });
});

describe("limits", () => {
  it("counts the bytes of all messages of a value", () => {
    const cursor = cursorOver("000000", { valueBytes: 5 });
    expect(() => cursor.load(new Uint8Array(3))).toThrow(expect.objectContaining({ code: "E_GOB_LIMIT" }));
    const next = cursorOver("000000", { valueBytes: 5 });
    next.startValue();
    expect(() => next.load(new Uint8Array(3))).not.toThrow();
  });

  it("counts depth and elements", () => {
    const cursor = cursorOver("0000", { depth: 2, elements: 2 });
    cursor.enter();
    cursor.enter();
    expect(() => cursor.enter()).toThrow(expect.objectContaining({ code: "E_GOB_LIMIT" }));
    cursor.startElement();
    cursor.startElement();
    expect(() => cursor.startElement()).toThrow(expect.objectContaining({ code: "E_GOB_LIMIT" }));
  });
});
