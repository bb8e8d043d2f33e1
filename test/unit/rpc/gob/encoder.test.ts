import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { byteStringFromBytes } from "../../../../src/core/byte-string.ts";
import { objectIdFromBytes } from "../../../../src/core/object-id.ts";
import { decodeGob, GobBufferDecoder } from "../../../../src/rpc/gob/decoder.ts";
import { encodeGob, GobEncoder } from "../../../../src/rpc/gob/encoder.ts";
import {
  bool,
  byteString,
  bytes,
  int32,
  int64,
  map,
  objectId,
  oneOf,
  optional,
  type Schema,
  slice,
  struct,
  text,
  time,
  uint8,
  uint64,
} from "../../../../src/rpc/gob/schema.ts";
import { ZERO_TIME } from "../../../../src/rpc/gob/time.ts";

const checkImage = struct("CheckImageRequest", { ImageName: text });

describe("GobEncoder", () => {
  it("writes what Go writes, definitions once", () => {
    const encoder = new GobEncoder();
    expect(encoder.encode(checkImage, { ImageName: "a/b" }).toString("hex")).toBe(
      "2c7f0301011143" +
        "6865636b496d61676552657175657374" +
        "01ff8000010101" +
        "09496d6167654e616d65" +
        "010c000000" +
        "08ff800103612f6200",
    );
    expect(encoder.encode(checkImage, { ImageName: "a/c" }).toString("hex")).toBe("08ff800103612f6300");
    expect(encoder.encode(checkImage, { ImageName: "" }).toString("hex")).toBe("03ff8000");
  });

  it("writes a struct without fields", () => {
    expect(encodeGob(struct("E", {}), {}).toString("hex")).toBe(
      "0c7f0301010145" + "01ff80000000" + "03ff8000",
    );
  });

  it("defines the types that an interface may hold before the value", () => {
    const inner = struct("Inner", { X: int64 });
    const holder = struct("W", { I: oneOf({ "main.Inner": inner, n: uint64 }) });
    const encoder = new GobEncoder();
    const first = encoder.encode(holder, { I: undefined });
    const second = encoder.encode(holder, { I: { type: "main.Inner", value: { X: 5n } } });
    // One message only: nothing was left to define.
    expect(second[0]).toBe(second.length - 1);
    const decoder = new GobBufferDecoder(Buffer.concat([first, second]));
    expect(decoder.decode(holder)).toEqual({ I: undefined });
    expect(decoder.decode(holder)).toEqual({ I: { type: "main.Inner", value: { X: 5n } } });
  });

  it("leaves out of structs what spec/gob.md A3 says, and nothing else", () => {
    const sparse = struct("S", {
      Flag: bool,
      Number: int64,
      Name: text,
      Bytes: bytes,
      List: slice(text),
      Map: map(text, text),
      EmptyMap: optional(map(text, text)),
      Time: time,
      TimePointer: optional(time),
      Hash: objectId,
      Inner: checkImage,
      Pointer: optional(checkImage),
      Absent: optional(checkImage),
    });
    const encoder = new GobEncoder();
    const value = {
      Flag: false,
      Number: 0n,
      Name: "",
      Bytes: new Uint8Array(0),
      List: [],
      Map: new Map<string, string>(),
      EmptyMap: new Map<string, string>(),
      Time: ZERO_TIME,
      TimePointer: ZERO_TIME,
      Hash: objectIdFromBytes(new Uint8Array(64)),
      Inner: { ImageName: "" },
      Pointer: { ImageName: "" },
      Absent: undefined,
    };
    encoder.encode(sparse, value);
    const again = encoder.encode(sparse, value).toString("hex");
    expect(again).toBe(
      `5cff80${"0700"}${"020f01000000000000000000000000ffff"}${`0140${"00".repeat(64)}`}${"0100"}${"0100"}00`,
    );
  });

  it.each<[string, () => unknown]>([
    ["a number beyond its width", () => encodeGob(uint8, 256)],
    ["a negative unsigned number", () => encodeGob(uint64, -1n)],
    ["a fraction", () => encodeGob(int32, 1.5)],
    ["a hash of another length", () => encodeGob(objectId, "00" as never)],
    [
      "an interface value of an unknown type",
      () => encodeGob(oneOf({}) as Schema<unknown>, { type: "x", value: 1 }),
    ],
  ])("refuses %s", (_what, encode) => {
    expect(encode).toThrow(expect.objectContaining({ code: "E_GOB_TYPE" }));
  });
});

it("encodes anything so that it is decoded as it was", () => {
  const node = struct("Node", {
    Flag: bool,
    Small: int32,
    Big: uint64,
    Name: text,
    Raw: byteString,
    Bytes: bytes,
    Hash: objectId,
    When: time,
    List: slice(optional(checkImage)),
    Table: map(uint64, oneOf({ s: text, "*p": checkImage, n: int64 })),
    Pointer: optional(checkImage),
  });
  const image = fc.record({ ImageName: fc.string({ unit: "grapheme" }) });
  const uint = fc.bigInt({ min: 0n, max: 2n ** 64n - 1n });
  const variant = fc.oneof(
    fc.constant(undefined),
    fc.record({ type: fc.constant("s" as const), value: fc.string() }),
    fc.record({ type: fc.constant("*p" as const), value: image }),
    fc.record({
      type: fc.constant("n" as const),
      value: fc.bigInt({ min: -(2n ** 63n), max: 2n ** 63n - 1n }),
    }),
  );
  const value = fc.record({
    Flag: fc.boolean(),
    Small: fc.integer(),
    Big: uint,
    Name: fc.string({ unit: "grapheme" }),
    Raw: fc.uint8Array().map(byteStringFromBytes),
    Bytes: fc.uint8Array(),
    Hash: fc.uint8Array({ minLength: 64, maxLength: 64 }).map(objectIdFromBytes),
    When: fc.record({
      seconds: fc.bigInt({ min: -(2n ** 40n), max: 2n ** 40n }),
      nanoseconds: fc.nat({ max: 999_999_999 }),
      offsetSeconds: fc
        .integer({ min: -720, max: 840 })
        .map((minutes) => (minutes === -1 ? 0 : minutes * 60)),
    }),
    List: fc.array(image),
    Table: fc.array(fc.tuple(uint, variant)).map((entries) => new Map(entries)),
    Pointer: fc.option(image, { nil: undefined }),
  });
  fc.assert(
    fc.property(value, (original) => {
      expect(decodeGob(node, encodeGob(node, original))).toEqual(original);
    }),
    { seed: 3, numRuns: 300 },
  );
});
