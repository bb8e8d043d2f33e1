import { describe, expect, expectTypeOf, it } from "vitest";
import type { ByteString } from "../../../../src/core/byte-string.ts";
import {
  bool,
  byteString,
  describeSchema,
  int32,
  map,
  objectId,
  oneOf,
  optional,
  type SchemaNode,
  slice,
  struct,
  text,
  time,
  uint64,
  type ValueOf,
  withoutPointers,
} from "../../../../src/rpc/gob/schema.ts";
import { zeroOf } from "../../../../src/rpc/gob/zero.ts";

const point = struct("Point", { X: int32, Label: optional(byteString) });

describe("schemas", () => {
  it("carry the type of their values", () => {
    expectTypeOf<ValueOf<typeof point>>().toEqualTypeOf<{
      readonly X: number;
      readonly Label: ByteString | undefined;
    }>();
    const holder = oneOf({ "main.Point": point, flag: bool });
    expectTypeOf<ValueOf<typeof holder>>().toEqualTypeOf<
      | { readonly type: "main.Point"; readonly value: ValueOf<typeof point> }
      | { readonly type: "flag"; readonly value: boolean }
      | undefined
    >();
  });

  it.each<[SchemaNode, string]>([
    [text, "string"],
    [int32, "int32"],
    [objectId, "[64]uint8"],
    [slice(optional(point)), "[]*Point"],
    [map(uint64, oneOf({})), "map[uint64]interface"],
    [{ kind: "array", element: bool, length: 3 }, "[3]bool"],
    [{ kind: "opaque", name: "URL" }, "URL"],
  ])("are described as %#", (schema, description) => {
    expect(describeSchema(schema)).toBe(description);
  });

  it("lose pointers around pointers", () => {
    expect(withoutPointers(optional(optional(point)))).toBe(point);
  });
});

it("knows the zero value of every kind", () => {
  const all = struct("All", {
    Bool: bool,
    Int: int32,
    Big: uint64,
    Text: text,
    Time: time,
    Hash: objectId,
    Slice: slice(text),
    Map: map(text, text),
    Struct: point,
    Interface: oneOf({}),
    Pointer: optional(point),
  });
  expect(zeroOf(all)).toEqual({
    Bool: false,
    Int: 0,
    Big: 0n,
    Text: "",
    Time: { seconds: -62_135_596_800n, nanoseconds: 0, offsetSeconds: 0 },
    Hash: "0".repeat(128),
    Slice: [],
    Map: new Map(),
    Struct: { X: 0, Label: undefined },
    Interface: undefined,
    Pointer: undefined,
  });
  expect(zeroOf({ kind: "array", element: { kind: "float", bits: 64 }, length: 2 })).toEqual([0, 0]);
  expect(zeroOf({ kind: "byteArray", length: 2, as: "bytes" })).toEqual(new Uint8Array(2));
  expect(zeroOf({ kind: "complex" })).toEqual([0, 0]);
});
