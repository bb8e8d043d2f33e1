import { describe, expect, it } from "vitest";
import { formatHostAddress, parseHostAddress } from "../../../../src/cli/remote/host-address.ts";

describe("parseHostAddress", () => {
  it.each([
    ["host7", "host7", 6978],
    ["host7.example.com", "host7.example.com", 6978],
    ["host7:80", "host7", 80],
    ["10.0.0.7", "10.0.0.7", 6978],
    ["10.0.0.7:65535", "10.0.0.7", 65535],
    ["[2001:db8::7]", "2001:db8::7", 6978],
    ["[2001:db8::7]:1234", "2001:db8::7", 1234],
    ["2001:db8::7", "2001:db8::7", 6978],
    ["::1", "::1", 6978],
    ["fe80::1%eth0", "fe80::1%eth0", 6978],
    ["[fe80::1%eth0]:99", "fe80::1%eth0", 99],
    ["::ffff:10.0.0.7", "::ffff:10.0.0.7", 6978],
  ])("reads %s", (text, host, port) => {
    expect(parseHostAddress(text, 6978)).toEqual({ host, port });
  });

  it.each([
    "",
    ":80",
    "host:",
    "host:0",
    "host:65536",
    "host:ssh",
    "host:80:90",
    "[::1",
    "[]:80",
    "[::1]80",
    "a b",
  ])("refuses %j", (text) => {
    expect(() => parseHostAddress(text, 6978)).toThrow(expect.objectContaining({ code: "E_USAGE" }) as Error);
  });

  it("refuses a URL, which it would otherwise take for a host with a path", () => {
    expect(() => parseHostAddress("http://host7/", 6978)).toThrow("not a host");
    expect(() => parseHostAddress("root@host7", 6978)).toThrow("not a host");
  });
});

describe("formatHostAddress", () => {
  it("puts IPv6 addresses in brackets", () => {
    expect(formatHostAddress({ host: "::1", port: 6978 })).toBe("[::1]:6978");
    expect(formatHostAddress({ host: "host7", port: 6978 })).toBe("host7:6978");
  });
});
