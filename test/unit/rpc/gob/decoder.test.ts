import { describe, expect, it } from "vitest";
import { byteReaderFromIterable } from "../../../../src/rpc/byte-reader.ts";
import { decodeGob, GobBufferDecoder, GobDecoder } from "../../../../src/rpc/gob/decoder.ts";
import { encodeGob } from "../../../../src/rpc/gob/encoder.ts";
import {
  byteString,
  int64,
  map,
  oneOf,
  optional,
  type Schema,
  type SchemaNode,
  slice,
  struct,
  text,
  uint8,
  uint32,
  uint64,
} from "../../../../src/rpc/gob/schema.ts";

const hex = (digits: string): Buffer => Buffer.from(digits.replaceAll(/\s/g, ""), "hex");

const checkImage = struct("CheckImageRequest", { ImageName: text });
/** spec/gob.md C1: "a/b", "a/c" and the zero value on one encoder. */
const CHECK_IMAGE_STREAM = hex(`
  2c 7f 03 01 01 11 436865636b496d61676552657175657374 01 ff80 00 01 01 01 09 496d6167654e616d65 01 0c 00 00 00
  08 ff80 01 03 612f62 00
  08 ff80 01 03 612f63 00
  03 ff80 00`);

const symlink = struct("SymlinkInode", { Uid: uint32, Gid: uint32, Symlink: byteString });
const holder = struct("W", { I: oneOf({ "*filesystem.SymlinkInode": symlink }) });
/** spec/gob.md C7: the definition of the concrete type interrupts the first value. */
const INTERLEAVED_STREAM = hex(`
  14 7f 03 01 01 01 57 01 ff80 00 01 01 01 01 49 01 10 00 00 00
  52 ff80 01 18 2a66696c6573797374656d2e53796d6c696e6b496e6f6465
     ff81 03 01 01 0c 53796d6c696e6b496e6f6465 01 ff82 00 01 03
     01 03 556964 01 06 00  01 03 476964 01 06 00  01 07 53796d6c696e6b 01 0c 00  00 00
  0a ff82 06 01 01 02 01 74 00 00
  24 ff80 01 18 2a66696c6573797374656d2e53796d6c696e6b496e6f6465 ff82 04 03 01 75 00 00`);

/** Gives a stream byte by byte, and tells how many were taken. */
function countingReader(stream: Uint8Array): {
  reader: ReturnType<typeof byteReaderFromIterable>;
  taken: () => number;
} {
  let taken = 0;
  function* source(): Generator<Uint8Array> {
    for (const byte of stream) {
      taken += 1;
      yield Uint8Array.of(byte);
    }
  }
  return { reader: byteReaderFromIterable(source()), taken: () => taken };
}

describe("GobDecoder", () => {
  it("reads the values of one stream in turn", async () => {
    const decoder = new GobDecoder(byteReaderFromIterable([CHECK_IMAGE_STREAM]));
    expect(await decoder.decode(checkImage)).toEqual({ ImageName: "a/b" });
    expect(await decoder.decode(checkImage)).toEqual({ ImageName: "a/c" });
    expect(await decoder.decode(checkImage)).toEqual({ ImageName: "" });
  });

  it("takes no byte behind the last message of a value", async () => {
    const { reader, taken } = countingReader(Buffer.concat([INTERLEAVED_STREAM, Buffer.from("raw")]));
    const decoder = new GobDecoder(reader);
    const first = await decoder.decode(holder);
    expect(first.I?.value).toEqual({ Uid: 1, Gid: 0, Symlink: "t" });
    expect(taken()).toBe(0x15 + 0x53 + 0x0b);
    const second = await decoder.decode(holder);
    expect(second.I?.value.Symlink).toBe("u");
    expect(taken()).toBe(INTERLEAVED_STREAM.length);
    expect(Buffer.from(await reader.readExactly(3)).toString()).toBe("raw");
  });

  it("tells the end inside a value from damage", async () => {
    for (const length of [1, 20, CHECK_IMAGE_STREAM.length - 1]) {
      const reader = byteReaderFromIterable([CHECK_IMAGE_STREAM.subarray(0, length)]);
      const decoder = new GobDecoder(reader);
      const all = async (): Promise<void> => {
        for (;;) await decoder.decode(checkImage);
      };
      await expect(all()).rejects.toMatchObject({ code: "E_GOB_EOF" });
    }
  });

  it("passes an error of the connection on, and repeats it", async () => {
    async function* source(): AsyncGenerator<Uint8Array> {
      yield CHECK_IMAGE_STREAM.subarray(0, 10);
      throw new Error("reset by peer");
    }
    const decoder = new GobDecoder(byteReaderFromIterable(source()));
    await expect(decoder.decode(checkImage)).rejects.toThrow("reset by peer");
    await expect(decoder.decode(checkImage)).rejects.toThrow("reset by peer");
  });
});

describe("what does not match", () => {
  const sent = (schema: SchemaNode, value: unknown): Buffer => encodeGob(schema as Schema<unknown>, value);

  it.each<[string, Buffer, SchemaNode, string, RegExp]>([
    [
      "no common field",
      sent(struct("A", { X: text }), { X: "x" }),
      struct("B", { Y: text }),
      "E_GOB_TYPE",
      /no fields matched compiling decoder for B$/,
    ],
    [
      "another kind",
      sent(struct("A", { X: text }), { X: "" }),
      struct("B", { X: uint64 }),
      "E_GOB_TYPE",
      /wrong type \(uint64\) for received field A\.X$/,
    ],
    [
      "a string for a struct",
      sent(text, "x"),
      checkImage,
      "E_GOB_TYPE",
      /want struct type CheckImageRequest; got non-struct$/,
    ],
    [
      "a number too wide",
      sent(struct("A", { Small: uint64 }), { Small: 256n }),
      struct("A", { Small: uint8 }),
      "E_GOB_TYPE",
      /value for "Small" out of range$/,
    ],
    [
      "an interface nobody registered",
      sent(struct("W", { I: oneOf({ foo: text }) }), { I: { type: "foo", value: "x" } }),
      holder,
      "E_GOB_TYPE",
      /name not registered for interface: "foo"$/,
    ],
    ["an unknown type number", hex("05ff84010200"), checkImage, "E_GOB_CORRUPT", /unknown type id/],
    ["a message of length 0", hex("00"), checkImage, "E_GOB_CORRUPT", /length 0/],
    ["an enormous message", hex("fb0200000000ff80"), checkImage, "E_GOB_LIMIT", /invalid message length/],
  ])("%s is refused", (_what, stream, schema, code, message) => {
    const decoder = new GobBufferDecoder(stream);
    const decode = (): unknown => decoder.decode(schema as Schema<unknown>);
    expect(decode).toThrow(expect.objectContaining({ code, message: expect.stringMatching(message) }));
    expect(decode).toThrow(expect.objectContaining({ code }));
  });

  it("leaves fields alone that the other side does not know", () => {
    const sender = struct("Other", { ImageName: text, Extra: slice(map(text, oneOf({ n: int64 }))) });
    const stream = encodeGob(sender, {
      ImageName: "x",
      Extra: [new Map([["k", { type: "n" as const, value: 1n }]]), new Map([["nil", undefined]])],
    });
    expect(decodeGob(struct("R", { ImageName: text, Missing: optional(uint64) }), stream)).toEqual({
      ImageName: "x",
      Missing: undefined,
    });
  });

  it("keeps the definitions inside a value that it skips", () => {
    // Like C7, but the interface that brings the definition is one that the receiver does not know.
    const stream = hex(`
      1a 7f 03 01 01 01 57 01 ff80 00 01 02 01 01 4a 01 10 00  01 01 49 01 10 00 00 00
      52 ff80 01 18 2a66696c6573797374656d2e53796d6c696e6b496e6f6465
         ff81 03 01 01 0c 53796d6c696e6b496e6f6465 01 ff82 00 01 03
         01 03 556964 01 06 00  01 03 476964 01 06 00  01 07 53796d6c696e6b 01 0c 00  00 00
      2b ff82 06 01 01 02 01 74 00
         01 18 2a66696c6573797374656d2e53796d6c696e6b496e6f6465 ff82 04 03 01 75 00 00`);
    expect(decodeGob(holder, stream)).toEqual({
      I: { type: "*filesystem.SymlinkInode", value: { Uid: 0, Gid: 0, Symlink: "u" } },
    });
  });
});

describe("limits", () => {
  const nested = (depth: number): Buffer => {
    const fields: { name: string; type: SchemaNode }[] = [];
    const node: SchemaNode = { kind: "struct", name: "List", fields };
    fields.push({ name: "Next", type: { kind: "optional", of: node } });
    let value: Record<string, unknown> = {};
    for (let level = 1; level < depth; level++) value = { Next: value };
    return encodeGob(node as Schema<unknown>, value);
  };
  const list = (): Schema<unknown> => {
    const fields: { name: string; type: SchemaNode }[] = [];
    const node: SchemaNode = { kind: "struct", name: "List", fields };
    fields.push({ name: "Next", type: { kind: "optional", of: node } });
    return node as Schema<unknown>;
  };

  it("allows 500 levels and not one more", () => {
    expect(() => decodeGob(list(), nested(500))).not.toThrow();
    expect(() => decodeGob(list(), nested(501))).toThrow(expect.objectContaining({ code: "E_GOB_LIMIT" }));
  });

  it("holds while skipping as well", () => {
    const wrapped = encodeGob(struct("A", { Keep: text, Drop: slice(slice(slice(text))) }), {
      Keep: "k",
      Drop: [[["x"]]],
    });
    const keep = struct("A", { Keep: text });
    expect(decodeGob(keep, wrapped)).toEqual({ Keep: "k" });
    expect(() => decodeGob(keep, wrapped, { depth: 3 })).toThrow(
      expect.objectContaining({ code: "E_GOB_LIMIT" }),
    );
    expect(() => decodeGob(keep, wrapped, { elements: 2 })).toThrow(
      expect.objectContaining({ code: "E_GOB_LIMIT" }),
    );
  });

  it.each([
    [{ messageBytes: 20 }, "invalid message length"],
    [{ valueBytes: 40 }, "a value of more than 40 bytes"],
    [{ types: 0 }, "more than 0 type definitions"],
    [{ fieldsPerStruct: 0 }, "a struct of 1 fields"],
  ])("stops at %o", (limits, message) => {
    expect(() => decodeGob(checkImage, CHECK_IMAGE_STREAM, limits)).toThrow(
      expect.objectContaining({ code: "E_GOB_LIMIT", message: expect.stringContaining(message) }),
    );
  });

  it("allocates nothing for elements that are only announced", () => {
    // A slice of 2^48 integers, of which two are present.
    const stream = hex(
      "167f03010102534c01ff8000010101014c01ff820000 000cff81020102ff82000104000007ff8001f9010000000000000204",
    );
    expect(() => decodeGob(struct("SL", { L: slice(int64) }), stream)).toThrow(
      expect.objectContaining({ code: expect.stringMatching(/^E_GOB_/) }),
    );
  });
});
