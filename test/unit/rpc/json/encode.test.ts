import { describe, expect, it } from "vitest";
import { byteStringFromBytes } from "../../../../src/core/byte-string.ts";
import type { ObjectId } from "../../../../src/core/object-id.ts";
import {
  bool,
  byteString,
  bytes,
  int64,
  map,
  objectId,
  oneOf,
  optional,
  slice,
  struct,
  text,
  time,
  uint32,
  uint64,
} from "../../../../src/rpc/gob/schema.ts";
import { ZERO_TIME } from "../../../../src/rpc/gob/time.ts";
import { encodeJson } from "../../../../src/rpc/json/encode.ts";
import {
  findLatestImageRequest,
  getImageUsageEstimateResponse,
  makeDirectoryResponse,
} from "../../../../src/rpc/messages/image-server.ts";

const ID = "01ff".repeat(32) as ObjectId;

describe("encodeJson", () => {
  it("writes what the original was recorded to write", () => {
    const request = {
      BuildCommitId: "",
      DirectoryName: "debian",
      IgnoreExpiringImages: false,
      TagsToMatch: new Map(),
    };
    expect(encodeJson(findLatestImageRequest, request)).toBe(
      '{"BuildCommitId":"","DirectoryName":"debian","IgnoreExpiringImages":false,"TagsToMatch":null}',
    );
    expect(encodeJson(getImageUsageEstimateResponse, { ImageExists: true, UsageEstimate: 45_120n })).toBe(
      '{"ImageExists":true,"UsageEstimate":45120}',
    );
    expect(encodeJson(makeDirectoryResponse, {})).toBe("{}");
  });

  it("escapes text as Go does", () => {
    expect(encodeJson(text, '<a href="x">&\u2028\u2029\n\u0001\u00e9\ud800')).toBe(
      '"\\u003ca href=\\"x\\"\\u003e\\u0026\\u2028\\u2029\\n\\u0001\u00e9\ufffd"',
    );
  });

  it("writes every digit of large numbers", () => {
    const schema = struct("Numbers", { A: uint64, B: int64 });
    expect(encodeJson(schema, { A: 2n ** 64n - 1n, B: -(2n ** 63n) })).toBe(
      '{"A":18446744073709551615,"B":-9223372036854775808}',
    );
  });

  it("writes bytes as base64, arrays of bytes as numbers, and what is empty as null", () => {
    const schema = struct("Bytes", {
      B: bytes,
      NoB: bytes,
      H: objectId,
      NoH: optional(objectId),
      S: slice(text),
      M: map(text, text),
      N: byteString,
    });
    const value = {
      B: Uint8Array.of(1, 2, 255),
      NoB: new Uint8Array(),
      H: ID,
      NoH: undefined,
      S: [],
      M: new Map<string, string>(),
      N: byteStringFromBytes(Uint8Array.of(0xc3, 0xa9, 0xff)),
    };
    const numbers = Array.from({ length: 32 }, () => "1,255").join(",");
    expect(encodeJson(schema, value)).toBe(
      `{"B":"AQL/","NoB":null,"H":[${numbers}],"NoH":null,"S":null,"M":null,"N":"\u00e9\ufffd"}`,
    );
  });

  it("sorts the keys of maps, numbers as text", () => {
    expect(
      encodeJson(
        map(uint32, bool),
        new Map([
          [9, true],
          [10, false],
        ]),
      ),
    ).toBe('{"10":false,"9":true}');
    expect(
      encodeJson(
        map(text, slice(text)),
        new Map([
          ["b", ["x", "y"]],
          ["a", []],
        ]),
      ),
    ).toBe('{"a":null,"b":["x","y"]}');
  });

  it("shows an embedded struct's fields as those of the outer one, and the contents of interfaces alone", () => {
    const inner = struct("Inner", { Mode: uint32 });
    const outer = struct(
      "Outer",
      { Name: text, Inner: inner, Any: oneOf({ inner }) },
      { embedded: ["Inner"] },
    );
    expect(
      encodeJson(outer, { Name: "x", Inner: { Mode: 7 }, Any: { type: "inner", value: { Mode: 8 } } }),
    ).toBe('{"Name":"x","Mode":7,"Any":{"Mode":8}}');
  });

  it.each([
    ["0001-01-01T00:00:00Z", ZERO_TIME],
    [
      "2023-11-14T22:13:20.123456789Z",
      { seconds: 1_700_000_000n, nanoseconds: 123_456_789, offsetSeconds: 0 },
    ],
    ["2023-11-14T22:13:20.5Z", { seconds: 1_700_000_000n, nanoseconds: 500_000_000, offsetSeconds: 0 }],
    ["2023-11-15T00:13:20+02:00", { seconds: 1_700_000_000n, nanoseconds: 0, offsetSeconds: 7200 }],
    ["1969-12-31T20:29:59.000000001-03:30", { seconds: -1n, nanoseconds: 1, offsetSeconds: -12_600 }],
  ])("writes the time %s", (expected, value) => {
    expect(encodeJson(time, value)).toBe(`"${expected}"`);
  });

  it("refuses years without a form", () => {
    const never = { seconds: 2n ** 62n, nanoseconds: 0, offsetSeconds: 0 };
    expect(() => encodeJson(time, never)).toThrow(expect.objectContaining({ code: "E_JSON_MESSAGE" }));
    const late = { seconds: 253_402_300_800n, nanoseconds: 0, offsetSeconds: 0 };
    expect(() => encodeJson(time, late)).toThrow(expect.objectContaining({ code: "E_JSON_MESSAGE" }));
  });
});
