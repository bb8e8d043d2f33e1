import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { parseNetworkArguments } from "../../../../src/network/kernel-arguments/network-arguments.ts";

const EMPTY = { ip: [], vlans: [], nameServers: [], routes: [], macOfName: new Map() };

test.each(["", "\n", "quiet console=ttyS0,115200n8 root=/dev/ram0 ip vlan= ip= ipx=dhcp =dhcp BOOTIF=eth0"])(
  "%j says nothing about the network",
  (text) => expect(parseNetworkArguments(text)).toEqual(EMPTY),
);

test("every argument has its place", () => {
  const line = [
    "quiet",
    "ip=10.0.0.2::10.0.0.1:24::lan.5:none",
    "vlan=lan.5:lan",
    "vlan=vlan0007:52-54-00-00-00-01",
    "nameserver=10.0.0.53",
    "nameserver=10.0.0.54",
    "rd.route=10.8.9.9/16:10.0.0.3",
    "rd.route=10.9.0.0/255.255.0.0::eth1",
    "ifname=lan:52:54:00:00:00:0A",
    "bootdev=lan.5",
    "BOOTIF=01-52-54-00-00-00-0A\n",
  ].join(" ");
  expect(parseNetworkArguments(line)).toMatchObject({
    ip: [{ kind: "static", interfaceReference: "lan.5" }],
    vlans: [
      { name: "lan.5", parentReference: "lan", vlanId: 5 },
      { name: "vlan0007", parentReference: "52-54-00-00-00-01", vlanId: 7 },
    ],
    nameServers: ["10.0.0.53", "10.0.0.54"],
    routes: [
      { destination: "10.8.0.0", prefixLength: 16, gateway: "10.0.0.3" },
      { destination: "10.9.0.0", prefixLength: 16, gateway: "0.0.0.0", interfaceReference: "eth1" },
    ],
    macOfName: new Map([["lan", "52:54:00:00:00:0a"]]),
    bootInterface: { reference: "lan.5" },
    bootMac: "52:54:00:00:00:0a",
  });
});

describe("what is refused, and why", () => {
  test.each([
    ["vlan=eth0.5", "expected NAME:INTERFACE"],
    ["vlan=eth0.5:eth0:x", "expected NAME:INTERFACE"],
    ["vlan=eth0.0:eth0", "expected a VLAN id from 1 to 4094"],
    ["vlan=vlan4095:eth0", "expected a VLAN id from 1 to 4094"],
    ["vlan=servers:eth0", "expected a VLAN id from 1 to 4094"],
    ["vlan=eth0.5:a/b", "expected an interface name"],
    ["nameserver=dns.example", "expected an IPv4 address as name server"],
    ["nameserver=2001:db8::1", "the name server is an IPv6 address"],
    ["nameserver=[2001:db8::1]", "the name server is an IPv6 address"],
    ["rd.route=10.8.0.0:10.0.0.1", "expected NETWORK/MASK:GATEWAY[:INTERFACE]"],
    ["rd.route=10.8.0.0/16", "expected NETWORK/MASK:GATEWAY[:INTERFACE]"],
    ["rd.route=[2001:db8::]/64:[2001:db8::1]", "IPv6 routes are not supported"],
    ["rd.route=0.0.0.0/0:10.0.0.1", "expected a netmask"],
    ["ifname=lan", "expected NAME:MAC"],
    ["ifname=lan:52:54", "expected a MAC address"],
    [Array.from({ length: 33 }, () => "nameserver=10.0.0.1").join(" "), "more than 32 arguments nameserver="],
  ])("%s", (text, message) => {
    expect(() => parseNetworkArguments(text)).toThrow(
      expect.objectContaining({
        code: "E_KERNEL_ARGUMENT",
        message: expect.stringContaining(message) as string,
      }) as Error,
    );
  });
});

test("whatever the command line says, it is understood or refused with E_KERNEL_ARGUMENT", () => {
  const name = fc.constantFrom(
    "ip",
    "vlan",
    "nameserver",
    "rd.route",
    "ifname",
    "bootdev",
    "BOOTIF",
    "quiet",
  );
  const value = fc.array(
    fc.oneof(
      fc.constantFrom(":", "/", "=", "eth0", "vlan5", "10.0.0.1", "24", "01-"),
      fc.string({ unit: "binary", maxLength: 8 }),
    ),
    { maxLength: 8 },
  );
  const word = fc.tuple(name, value).map(([key, parts]) => `${key}=${parts.join("")}`);
  fc.assert(
    fc.property(fc.array(word, { maxLength: 6 }), (words) => {
      try {
        parseNetworkArguments(words.join(" "));
      } catch (error) {
        expect(error).toHaveProperty("code", "E_KERNEL_ARGUMENT");
      }
    }),
    { numRuns: 1000 },
  );
});
