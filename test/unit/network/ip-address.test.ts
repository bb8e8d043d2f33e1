import fc from "fast-check";
import { describe, expect, test } from "vitest";
import {
  formatMask,
  ipv4Bytes,
  ipv4FromBytes,
  isSameNetwork,
  parseIpAddress,
  parseMask,
} from "../../../src/network/ip-address.ts";

describe("parseIpAddress", () => {
  test.each([
    ["10.0.0.53", "10.0.0.53"],
    ["2001:DB8:0:0::53", "2001:db8::53"],
    ["::ffff:10.0.0.54", "10.0.0.54"],
    ["::ffff:a00:36", "10.0.0.54"],
    ["192.168.1", undefined],
    ["192.168.01.1", undefined],
    ["fe80::1%eth0", undefined],
    ["", undefined],
    ["host", undefined],
  ])("%j is %j", (text, expected) => expect(parseIpAddress(text)).toBe(expected));
});

describe("parseMask", () => {
  test.each([
    ["255.255.255.0", 24],
    ["255.255.255.255", 32],
    ["0.0.0.0", 0],
    ["128.0.0.0", 1],
    ["255.255.255.254", 31],
    ["255.0.255.0", undefined],
    ["0.0.0.255", undefined],
    ["24", undefined],
  ])("%s has prefix length %j", (mask, expected) => expect(parseMask(mask)).toBe(expected));

  test("is the inverse of formatMask", () => {
    for (let length = 0; length <= 32; length++) expect(parseMask(formatMask(length))).toBe(length);
  });
});

test("an address survives its bytes", () => {
  fc.assert(
    fc.property(fc.uint8Array({ minLength: 4, maxLength: 4 }), (bytes) => {
      expect([...ipv4Bytes(ipv4FromBytes(bytes))]).toEqual([...bytes]);
    }),
    { seed: 1, numRuns: 100 },
  );
});

test.each([
  ["192.168.1.2", "192.168.1.1", "255.255.255.0", true],
  ["192.168.2.2", "192.168.1.1", "255.255.255.0", false],
  ["200.1.1.1", "200.2.1.1", "255.0.0.0", true],
  ["2001:db8::1", "192.168.1.1", "255.255.255.0", false],
  ["192.168.1.2", "192.168.1.1", "", false],
])("%s and %s under %s: %j", (address, other, mask, expected) =>
  expect(isSameNetwork(address, other, mask)).toBe(expected),
);
