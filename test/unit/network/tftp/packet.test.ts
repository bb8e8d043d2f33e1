import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { hasCode } from "../../../../src/core/errors.ts";
import {
  encodeAcknowledgement,
  encodeError,
  encodeReadRequest,
  isErrorPacket,
  parseTftpReply,
} from "../../../../src/network/tftp/packet.ts";

test("a plain request is that of the original", () => {
  const request = encodeReadRequest("imagename", new Map());
  expect(request.toString("hex")).toBe("0001696d6167656e616d65006f6374657400");
});

test("a request with options", () => {
  const request = encodeReadRequest("a", new Map([["blksize", "1428"]]));
  expect(request.toString("latin1")).toBe("\0\x01a\0octet\0blksize\x001428\0");
});

test.each(["", "a\0b"])("the name %j cannot be asked for", (name) => {
  expect(() => encodeReadRequest(name, new Map())).toThrow(RangeError);
});

test("acknowledgements and errors", () => {
  expect(encodeAcknowledgement(65_535).toString("hex")).toBe("0004ffff");
  expect(encodeError(5, "x").toString("hex")).toBe("000500057800");
  expect(isErrorPacket(encodeError(5, "x"))).toBe(true);
  expect(isErrorPacket(encodeAcknowledgement(5))).toBe(false);
  expect(isErrorPacket(Buffer.of(5))).toBe(false);
});

test.each([
  ["00030001", { kind: "data", block: 1, payload: Buffer.alloc(0) }],
  ["0003ffff6162", { kind: "data", block: 65_535, payload: Buffer.from("ab") }],
  ["0006", { kind: "option-acknowledgement", options: new Map() }],
  ["0006424c4b53495a45003800", { kind: "option-acknowledgement", options: new Map([["blksize", "8"]]) }],
  ["00050001676f6e6500", { kind: "error", code: 1, text: "gone" }],
  ["00050001676f6e65", { kind: "error", code: 1, text: "gone" }],
  ["00050000611b5b0a6200", { kind: "error", code: 0, text: "a?[?b" }],
])("%s", (hex, expected) => expect(parseTftpReply(Buffer.from(hex, "hex"))).toEqual(expected));

describe("refuses with E_TFTP_PROTOCOL", () => {
  test.each([
    ["nothing", ""],
    ["one byte", "00"],
    ["a request", "000161006f6374657400"],
    ["an acknowledgement", "00040001"],
    ["an unknown operation", "0009"],
    ["data without number", "000301"],
    ["an error without code", "000500"],
    ["an option without value", "0006610062"],
    ["an option name alone", "00066100"],
    ["too many options", `0006${"61006200".repeat(17)}`],
  ])("%s", (_what, hex) => {
    expect(() => parseTftpReply(Buffer.from(hex, "hex"))).toThrow(
      expect.objectContaining({ code: "E_TFTP_PROTOCOL" }) as Error,
    );
  });
});

test("random packets are read or refused, nothing else", () => {
  const packet = fc.tuple(fc.integer({ min: 0, max: 8 }), fc.uint8Array({ maxLength: 64 }));
  fc.assert(
    fc.property(packet, ([operation, rest]) => {
      try {
        parseTftpReply(Buffer.concat([Buffer.of(0, operation), rest]));
      } catch (error) {
        if (!hasCode(error, "E_TFTP_PROTOCOL")) throw error;
      }
    }),
    { seed: 4, numRuns: 500 },
  );
});
