import { describe, expect, it } from "vitest";
import type { ObjectId } from "../../../../src/core/object-id.ts";
import {
  bool,
  bytes,
  int32,
  map,
  objectId,
  oneOf,
  optional,
  safeUint,
  slice,
  struct,
  text,
  time,
  uint8,
  uint64,
} from "../../../../src/rpc/gob/schema.ts";
import { ZERO_TIME } from "../../../../src/rpc/gob/time.ts";
import { decodeJson } from "../../../../src/rpc/json/decode.ts";
import { encodeJson } from "../../../../src/rpc/json/encode.ts";
import { findLatestImageRequest } from "../../../../src/rpc/messages/image-server.ts";

const ID = "01ff".repeat(32) as ObjectId;

const everything = struct("Everything", {
  Flag: bool,
  Small: uint8,
  Signed: int32,
  Big: uint64,
  Count: safeUint,
  Name: text,
  Data: bytes,
  At: time,
  Id: objectId,
  Maybe: optional(text),
  List: slice(text),
  Table: map(text, slice(text)),
  Numbers: map(uint64, bool),
});

const ZERO = {
  Flag: false,
  Small: 0,
  Signed: 0,
  Big: 0n,
  Count: 0,
  Name: "",
  Data: new Uint8Array(),
  At: ZERO_TIME,
  Id: "0".repeat(128),
  Maybe: undefined,
  List: [],
  Table: new Map(),
  Numbers: new Map(),
};

describe("decodeJson", () => {
  it("gives back what was encoded", () => {
    const value = {
      Flag: true,
      Small: 255,
      Signed: -2_147_483_648,
      Big: 2n ** 64n - 1n,
      Count: Number.MAX_SAFE_INTEGER,
      Name: '<é> "\n',
      Data: Uint8Array.of(0, 255, 128, 7),
      At: { seconds: 1_700_000_000n, nanoseconds: 120_000_000, offsetSeconds: -5400 },
      Id: ID,
      Maybe: "",
      List: ["a", ""],
      Table: new Map([["k", ["v"]]]),
      Numbers: new Map([[2n ** 63n, true]]),
    };
    expect(decodeJson(everything, encodeJson(everything, value))).toEqual(value);
  });

  it("takes absent and null for zero, and passes over what it does not know", () => {
    expect(decodeJson(everything, "{}")).toEqual(ZERO);
    const nulls = Object.fromEntries(Object.keys(ZERO).map((name) => [name, null]));
    expect(decodeJson(everything, JSON.stringify(nulls))).toEqual(ZERO);
    expect(decodeJson(everything, '{"Other":{"x":[1]},"__proto__":{"Flag":true}}')).toEqual(ZERO);
  });

  it("matches names in any case, the exact one first", () => {
    expect(decodeJson(findLatestImageRequest, '{"directoryname":"a"}').DirectoryName).toBe("a");
    const both = '{"DirectoryName":"exact","directoryname":"other"}';
    expect(decodeJson(findLatestImageRequest, both).DirectoryName).toBe("exact");
  });

  it("takes the id of an object in hexadecimal too", () => {
    expect(decodeJson(objectId, `"${ID}"`)).toBe(ID);
  });

  it("finds the fields of an embedded struct beside the others", () => {
    const outer = struct(
      "Outer",
      { Name: text, Inner: struct("Inner", { Small: uint8 }) },
      { embedded: ["Inner"] },
    );
    expect(decodeJson(outer, '{"Small":3,"Name":"n"}')).toEqual({ Name: "n", Inner: { Small: 3 } });
  });

  it.each([
    ["2026-08-22T10:20:30Z", 1_787_394_030n, 0, 0],
    ["2026-08-22T10:20:30.1234567891+05:30", 1_787_374_230n, 123_456_789, 19_800],
    ["0001-01-01T00:00:00Z", ZERO_TIME.seconds, 0, 0],
    ["1969-12-31T23:59:59-00:00", -1n, 0, 0],
  ])("reads the time %s", (written, seconds, nanoseconds, offsetSeconds) => {
    expect(decodeJson(time, `"${written}"`)).toEqual({ seconds, nanoseconds, offsetSeconds });
  });

  it.each([
    ["no JSON", "{", "decoding JSON: a text that is not JSON"],
    ["a list", "[]", "decoding JSON: the message: a list where Everything is expected"],
    ["a number for a text", '{"Name":1}', "decoding JSON: Name: a number where string is expected"],
    ["a text for a number", '{"Big":"1"}', "decoding JSON: Big: a text where uint64 is expected"],
    ["a fraction", '{"Big":1.0}', "decoding JSON: Big: a number where uint64 is expected"],
    ["an exponent", '{"Big":1e3}', "decoding JSON: Big: a number where uint64 is expected"],
    ["a byte of 9 bits", '{"Small":256}', "decoding JSON: Small: a number that is not uint8"],
    ["a negative one", '{"Big":-1}', "decoding JSON: Big: a number that is not uint64"],
    ["more than 64 bits", '{"Big":18446744073709551616}', "decoding JSON: Big: a number that is not uint64"],
    [
      "digits without end",
      `{"Big":${"9".repeat(1000)}}`,
      "decoding JSON: Big: a number where uint64 is expected",
    ],
    ["more than 2^53", '{"Count":9007199254740992}', "decoding JSON: Count: a number that is too large"],
    ["text for bytes", '{"Data":"*"}', "decoding JSON: Data: a text that is not base64"],
    [
      "a day that is none",
      '{"At":"2026-02-30T00:00:00Z"}',
      "decoding JSON: At: a text that is not a time (RFC 3339)",
    ],
    ["a date alone", '{"At":"2026-02-03"}', "decoding JSON: At: a text that is not a time (RFC 3339)"],
    ["half an id", '{"Id":"00"}', "decoding JSON: Id: a text that is not the id of an object"],
    [
      "an id of 63 numbers",
      `{"Id":[${Array(63).fill(0).join(",")}]}`,
      "decoding JSON: Id: 63 elements for [64]uint8",
    ],
    [
      "an id of large numbers",
      `{"Id":[${Array(64).fill(256).join(",")}]}`,
      "decoding JSON: Id: an element that is not a byte",
    ],
    ["an odd key", '{"Numbers":{"x":true}}', "decoding JSON: Numbers: a text where uint64 is expected"],
    ["a list in a list", '{"List":[[]]}', "decoding JSON: List: a list where string is expected"],
  ])("refuses %s", (_what, json, message) => {
    expect(() => decodeJson(everything, json)).toThrow(
      expect.objectContaining({ code: "E_JSON_MESSAGE", message }),
    );
  });

  it("refuses the contents of an interface, which do not say what they are", () => {
    const schema = struct("S", { Any: oneOf({ x: struct("X", { A: text }) }) });
    expect(decodeJson(schema, '{"Any":null}')).toEqual({ Any: undefined });
    expect(() => decodeJson(schema, '{"Any":{"A":"b"}}')).toThrow(
      expect.objectContaining({ code: "E_JSON_MESSAGE" }),
    );
  });
});
