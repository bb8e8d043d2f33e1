import { describe, expect, test } from "vitest";
import type { DhcpMessage } from "../../../../src/network/dhcp/codec.ts";
import { isTftpServerKnown, parseLease } from "../../../../src/network/dhcp/lease.ts";

function message(options: Readonly<Record<number, Buffer>>, values: Partial<DhcpMessage> = {}): DhcpMessage {
  const router = { 3: Buffer.of(10, 0, 0, 1) };
  return {
    operation: 2,
    hardwareType: 1,
    hardwareAddress: Buffer.alloc(6),
    transactionId: 1,
    elapsedSeconds: 0,
    broadcast: false,
    clientAddress: "0.0.0.0",
    yourAddress: "10.0.0.2",
    nextServer: "0.0.0.0",
    relayAddress: "0.0.0.0",
    options: new Map(Object.entries({ ...router, ...options }).map(([code, value]) => [Number(code), value])),
    ...values,
  };
}

const packet = Buffer.alloc(0);

test("typed values", () => {
  const options = {
    1: Buffer.of(255, 255, 254, 0),
    3: Buffer.of(10, 0, 0, 1, 10, 0, 0, 9),
    6: Buffer.of(10, 0, 0, 53, 10, 0, 0, 54),
    12: Buffer.from("host\0"),
    15: Buffer.from("example.com"),
    51: Buffer.of(0, 2, 163, 0),
    67: Buffer.from("pxelinux.0"),
    150: Buffer.of(10, 0, 0, 7, 1),
  };
  expect(parseLease("eth0", message(options, { nextServer: "10.0.0.8" }), packet)).toMatchObject({
    interfaceName: "eth0",
    address: "10.0.0.2",
    prefixLength: 23,
    maskIsGuessed: false,
    router: "10.0.0.1",
    nameServers: ["10.0.0.53", "10.0.0.54"],
    hostname: "host",
    domainName: "example.com",
    leaseSeconds: 172_800,
    bootFileName: "pxelinux.0",
    nextServer: "10.0.0.8",
    tftpServerAddresses: ["10.0.0.7"],
  });
});

test("times, size and routes", () => {
  const options = {
    26: Buffer.of(35, 40),
    54: Buffer.of(10, 0, 0, 3),
    58: Buffer.of(0, 0, 0, 60),
    59: Buffer.of(0, 0, 0, 105),
    119: Buffer.from("\x03eng\x07example\0\xc0\x04", "latin1"),
    121: Buffer.of(8, 11, 10, 0, 0, 2),
  };
  expect(parseLease("eth0", message(options), packet)).toMatchObject({
    serverIdentifier: "10.0.0.3",
    mtu: 9000,
    renewalSeconds: 60,
    rebindingSeconds: 105,
    searchDomains: ["eng.example", "example"],
    router: "10.0.0.1",
    routes: [{ destination: "11.0.0.0", prefixLength: 8, gateway: "10.0.0.2" }],
  });
});

test("a default route of option 121 stands in place of option 3, and is no other route", () => {
  const lease = parseLease("eth0", message({ 121: Buffer.of(0, 10, 0, 0, 9) }), packet);
  expect(lease).toMatchObject({ router: "10.0.0.9", routes: [] });
});

test("an option 121 that makes no sense is as good as none", () => {
  const lease = parseLease("eth0", message({ 121: Buffer.of(0, 10, 0) }), packet);
  expect(lease).toMatchObject({ router: "10.0.0.1", routes: [] });
});

test.each([Buffer.of(2, 63), Buffer.of(9000 >> 8), Buffer.alloc(0)])("an MTU of %j is not used", (mtu) => {
  expect(parseLease("eth0", message({ 26: mtu }), packet).mtu).toBeUndefined();
});

test("what was not sent is absent", () => {
  const lease = parseLease("eth0", message({ 15: Buffer.alloc(0), 51: Buffer.of(1) }), packet);
  for (const key of ["nextServer", "domainName", "hostname", "tftpServerName", "leaseSeconds"])
    expect(lease).not.toHaveProperty(key);
  expect(isTftpServerKnown(lease)).toBe(false);
});

test.each([
  ["10.0.0.2", 8],
  ["172.16.0.2", 16],
  ["192.168.0.2", 24],
])("without a mask %s gets prefix length %i", (yourAddress, prefixLength) => {
  expect(parseLease("eth0", message({}, { yourAddress }), packet)).toMatchObject({
    prefixLength,
    maskIsGuessed: true,
  });
});

describe("refuses with E_DHCP_ANSWER", () => {
  test.each<[string, DhcpMessage]>([
    ["eth0: ignoring response: 0.0.0.0 with no address", message({}, { yourAddress: "0.0.0.0" })],
    ["eth0: ignoring response: 10.0.0.2 with no valid router address", message({ 3: Buffer.of(10, 0, 0) })],
    ["eth0: ignoring response: 10.0.0.2 with no valid router address", message({ 3: Buffer.alloc(4) })],
    [
      "eth0: ignoring response: 10.0.0.2 with a truncated DNS server address",
      message({ 6: Buffer.alloc(6) }),
    ],
  ])("%s", (text, answer) => {
    expect(() => parseLease("eth0", answer, packet)).toThrow(
      expect.objectContaining({ code: "E_DHCP_ANSWER", message: text }) as Error,
    );
  });
});

test.each([
  [{ 66: Buffer.from("t") }, {}],
  [{ 150: Buffer.of(10, 0, 0, 7) }, {}],
  [{}, { nextServer: "10.0.0.8" }],
])("the TFTP server is known from %j %j", (options, values) => {
  expect(isTftpServerKnown(parseLease("eth0", message(options, values), packet))).toBe(true);
});
