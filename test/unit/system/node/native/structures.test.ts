import { describe, expect, it } from "vitest";
import * as structures from "../../../../../src/system/node/native/structures.ts";

describe("structures of 64-bit little-endian Linux", () => {
  it("ends strings with NUL and refuses one inside", () => {
    expect(structures.encodeCString("/ä", "open")).toEqual(Buffer.from("/ä\0"));
    expect(structures.encodeCString(Buffer.from([0xff]), "open")).toEqual(Buffer.from([0xff, 0]));
    expect(() => structures.encodeCString("a\0b", "open")).toThrow("EINVAL: invalid argument, open 'a\0b'");
  });

  it("lays out two equal timespecs", () => {
    const buffer = structures.encodeTimes({ seconds: -1n, nanoseconds: 999_999_999 });
    expect(buffer.toString("hex")).toBe("ffffffffffffffffffc99a3b00000000".repeat(2));
  });

  it("lays out a timeval at a whole second", () => {
    expect(structures.encodeTimeval(1.9).toString("hex")).toBe("01000000000000000000000000000000");
  });

  it("lays out an IPv4 socket address", () => {
    const expected = `0200${"0044"}c0000201${"00".repeat(8)}`;
    expect(structures.encodeSocketAddress("192.0.2.1", 68).toString("hex")).toBe(expected);
  });

  it("lays out interface requests without changing the one given", () => {
    const request = structures.encodeInterfaceRequest("eth0", "ioctl");
    expect(request.toString("hex")).toBe(`65746830${"00".repeat(36)}`);
    const flags = structures.withInterfaceFlags(request, 0x1003);
    expect([structures.interfaceFlags(flags), structures.interfaceFlags(request)]).toEqual([0x1003, 0]);
    const address = structures.withInterfaceAddress(request, "10.0.0.1");
    expect(address.subarray(16, 24).toString("hex")).toBe("020000000a000001");
  });

  it.each(["", "a-name-of-16-byt"])("knows that %j is no interface name", (name) => {
    expect(() => structures.encodeInterfaceRequest(name, "ioctl")).toThrow("ENODEV");
  });

  it("lays out default routes", () => {
    const route = structures.encodeDefaultRoute("192.0.2.1", 0);
    expect([route.byteLength, route.readUInt16LE(56), route.readInt16LE(80)]).toEqual([120, 3, 0]);
    expect(route.subarray(24, 32).toString("hex")).toBe("02000000c0000201");
    const direct = structures.encodeDefaultRoute("0.0.0.0", 100);
    expect([direct.readUInt16LE(56), direct.readInt16LE(80)]).toEqual([1, 101]);
  });
});
