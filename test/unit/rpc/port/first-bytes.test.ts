import fc from "fast-check";
import { describe, expect, it } from "vitest";
import {
  classifyOpening,
  HEAD_LIMIT_BYTES,
  withCarriageReturns,
} from "../../../../src/rpc/port/first-bytes.ts";

const classify = (text: string) => classifyOpening(Buffer.from(text, "latin1"));
const mend = (text: string) => withCarriageReturns(Buffer.from(text, "latin1")).toString("latin1");

describe("classifyOpening", () => {
  it.each([
    ["", undefined],
    ["\x16", "tls"],
    ["\x16\x03\x01", "tls"],
    ["C", undefined],
    ["CONNECT", undefined],
    ["CONNECT ", "connect"],
    ["CONNECT /_goSRPC_/ HTTP/1.0\n\n", "connect"],
    ["CONNECTED / HTTP/1.0\r\n", "http"],
    ["P", undefined],
    ["PRI * HTTP/2.0\r", undefined],
    ["PRI * HTTP/2.0\r\n", "http2"],
    ["PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n\0\0", "http2"],
    ["PRI * HTTP/3.0\r\n", "http"],
    ["POST / HTTP/1.1", undefined],
    ["POST / HTTP/1.1\r\n", "http"],
    ["GET / HTTP/1.0\r\nA: b\n\n", "http"],
    ["GET / HTTP/1.0\n", undefined],
    ["GET / HTTP/1.0\nHost: x\n", undefined],
    ["GET / HTTP/1.0\nHost: x\n\n", "http"],
    ["GET / HTTP/1.0\nHost: x\r\n\r\n", "http"],
    ["GET / HTTP/1.0\n\nmore", "http"],
    ["get / HTTP/1.0", "http"],
    ["\0", "http"],
    ["\r\n", "http"],
    ["\n", "http"],
    [`GET /${"x".repeat(HEAD_LIMIT_BYTES - 6)}`, undefined],
    [`GET /${"x".repeat(HEAD_LIMIT_BYTES - 5)}`, "http"],
    [`GET / HTTP/1.0\n${"x".repeat(HEAD_LIMIT_BYTES)}`, "http"],
  ])("%j", (text, opening) => {
    expect(classify(text)).toBe(opening);
  });

  const piece = fc.constantFrom(
    "CONNECT ",
    "PRI * HTTP/2.0",
    "GET / HTTP/1.0",
    "\r",
    "\n",
    "\n\n",
    "A: b",
    "\x16",
    "x".repeat(9000),
  );
  const opening = fc
    .array(fc.oneof(piece, fc.string({ unit: "binary", maxLength: 4 })), { minLength: 1, maxLength: 6 })
    .map((pieces) => Buffer.from(pieces.join(""), "latin1"));

  it("does not depend on how the bytes were cut", () => {
    fc.assert(
      fc.property(opening, fc.array(fc.nat(40_000), { maxLength: 8 }), (bytes, cuts) => {
        const whole = classifyOpening(bytes);
        for (const cut of cuts) {
          const early = classifyOpening(bytes.subarray(0, cut));
          if (early !== undefined) expect(early).toBe(whole);
        }
      }),
    );
  });

  it("is decided within the longest head", () => {
    fc.assert(
      fc.property(opening, (bytes) => {
        const long = Buffer.concat([bytes, Buffer.alloc(HEAD_LIMIT_BYTES, "x")]);
        expect(classifyOpening(long)).toBeDefined();
      }),
    );
  });
});

describe("withCarriageReturns", () => {
  it.each([
    ["GET / HTTP/1.0\n\n", "GET / HTTP/1.0\r\n\r\n"],
    ["GET / HTTP/1.0\nA: b\r\nC: d\n\nbody\n\n", "GET / HTTP/1.0\r\nA: b\r\nC: d\r\n\r\nbody\n\n"],
    ["GET / HTTP/1.0\n\r\nbody", "GET / HTTP/1.0\r\n\r\nbody"],
  ])("mends %j", (text, mended) => {
    expect(mend(text)).toBe(mended);
  });

  it.each([
    "GET / HTTP/1.1\r\nA: b\n\n",
    "GET / HTTP/1.0\nA: b\n",
    "garbage",
    "\n\n",
    `GET / HTTP/1.0\n${"A: b\n".repeat(HEAD_LIMIT_BYTES)}\n`,
  ])("leaves other bytes alone", (text) => {
    expect(mend(text)).toBe(text);
  });
});
