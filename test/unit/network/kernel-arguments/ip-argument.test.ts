import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { InstallerError } from "../../../../src/core/errors.ts";
import { parseIpArgument } from "../../../../src/network/kernel-arguments/ip-argument.ts";

const parse = (value: string) => {
  const { argument, ...rest } = parseIpArgument({ name: "ip", value });
  expect(argument.value).toBe(value);
  return rest;
};

const FIXED = {
  kind: "static",
  interfaceReference: "eth0",
  address: "10.0.0.2",
  prefixLength: 24,
  nameServers: [],
} as const;

describe("forms that are understood", () => {
  test.each<[string, object]>([
    ["dhcp", { kind: "dhcp", nameServers: [] }],
    ["on", { kind: "dhcp", nameServers: [] }],
    ["single-dhcp", { kind: "dhcp", nameServers: [] }],
    ["dhcp,auto6", { kind: "dhcp", nameServers: [] }],
    ["eth0:dhcp", { kind: "dhcp", interfaceReference: "eth0", nameServers: [] }],
    ["eth0.5:dhcp:9000", { kind: "dhcp", interfaceReference: "eth0.5", mtu: 9000, nameServers: [] }],
    [
      "eth0:any::52:54:00:12:34:AB",
      { kind: "dhcp", interfaceReference: "eth0", macAddress: "52:54:00:12:34:ab", nameServers: [] },
    ],
    ["52-54-00-12-34-AB:dhcp", { kind: "dhcp", interfaceReference: "52-54-00-12-34-ab", nameServers: [] }],
    [":::::eth1:dhcp:1400", { kind: "dhcp", interfaceReference: "eth1", mtu: 1400, nameServers: [] }],
    ["::::web1::dhcp", { kind: "dhcp", hostname: "web1", nameServers: [] }],
    ["10.0.0.2::10.0.0.1:255.255.255.0::eth0:none", { ...FIXED, gateway: "10.0.0.1" }],
    ["10.0.0.2:::24::eth0:off", FIXED],
    // The kernel's own syntax ends where nothing more is to be said.
    ["10.0.0.2:::255.255.255.0::eth0", FIXED],
    [
      "10.0.0.2:10.0.0.9:10.0.0.1:24:Web1.example:eth0:static:1400:52-54-00-12-34-56",
      {
        ...FIXED,
        gateway: "10.0.0.1",
        server: "10.0.0.9",
        hostname: "Web1.example",
        mtu: 1400,
        macAddress: "52:54:00:12:34:56",
      },
    ],
    ["10.0.0.2:::24::eth0:none:10.0.0.53:10.0.0.54", { ...FIXED, nameServers: ["10.0.0.53", "10.0.0.54"] }],
    ["10.0.0.2:::24::eth0:none::10.0.0.54", { ...FIXED, nameServers: ["10.0.0.54"] }],
    // dns0, dns1 and ntp0 of the kernel's syntax.
    ["10.0.0.2:::24::eth0:none:10.0.0.53::10.0.0.1", { ...FIXED, nameServers: ["10.0.0.53"] }],
    ["10.0.0.2:::32::eth0:none", { ...FIXED, prefixLength: 32 }],
    ["10.0.0.2:::255.255.255.254::eth0:none", { ...FIXED, prefixLength: 31 }],
    ["10.0.0.2:10.0.0.9:10.0.0.1:255.255.255.0", { kind: "boot-loader" }],
  ])("%s", (value, expected) => expect(parse(value)).toEqual(expected));
});

describe("what is refused, and why", () => {
  test.each([
    ["10.0.0.2:::24::eth0:dhcp", 'an address and "dhcp" exclude each other'],
    ["10.0.0.2:::24::eth0:dhcp6", "IPv6 is not supported"],
    ["[2001:db8::2]::[2001:db8::1]:64::eth0:none", "IPv6 addresses are not supported"],
    ["eth0:auto6", 'IPv6 is not supported: "auto6"'],
    ["dhcp6", 'IPv6 is not supported: "dhcp6"'],
    ["ibft", 'this method is not supported: "ibft"'],
    ["eth0:none", '"none" needs an address to set'],
    ["off", '"off" needs an address to set'],
    [":::::eth0:none", '"none" needs an address to set'],
    ["eth0:dhpc", 'expected a method such as "dhcp", found "dhpc"'],
    ["10.0.0.2:::24::eth0:non", 'expected a method such as "none", found "non"'],
    ["10.0.0.2", "an address needs a netmask"],
    ["10.0.0.2::::::none", "expected a netmask"],
    ["10.0.0.2:::33::eth0:none", "expected a netmask"],
    [
      "10.0.0.2:::255.0.255.0::eth0:none",
      'expected a netmask such as 255.255.255.0 or 24, found "255.0.255.0"',
    ],
    ["10.0.0.256:::24::eth0:none", 'expected an IPv4 address as client address, found "10.0.0.256"'],
    ["0.0.0.0:::24::eth0:none", "0.0.0.0 cannot be a client address"],
    ["127.0.0.1:::24::eth0:none", "cannot be a client address"],
    ["224.0.0.1:::24::eth0:none", "cannot be a client address"],
    ["10.0.0.0:::24::eth0:none", "10.0.0.0/24 is a network"],
    ["10.0.0.255:::24::eth0:none", "10.0.0.255 is the broadcast address of its /24 network"],
    ["10.0.0.2::10.0.0.2:24::eth0:none", "the gateway is the machine itself"],
    ["10.0.0.2::gw:24::eth0:none", 'expected an IPv4 address as gateway, found "gw"'],
    ["10.0.0.2:::24::a-much-too-long-name:none", "expected an interface name"],
    ["10.0.0.2:::24::../eth0:none", "expected an interface name"],
    ["10.0.0.2:::24::eth0:none:67", "expected an MTU from 68 to 65535"],
    [
      "10.0.0.2:::24::eth0:none:1500:52:54:00",
      'expected a MAC address such as 52:54:00:12:34:56, found "52:54:00"',
    ],
    ["10.0.0.2:::24::eth0:none:1500:a:b:c:d:e:f:g:h", "expected at most 14 fields, found 16"],
  ])("%s", (value, message) => {
    expect(() => parse(value)).toThrow(
      expect.objectContaining({
        code: "E_KERNEL_ARGUMENT",
        message: expect.stringContaining(`kernel argument ${JSON.stringify(`ip=${value}`)}: `) as string,
      }) as Error,
    );
    expect(() => parse(value)).toThrow(message);
  });
});

describe("whatever is written there", () => {
  const octet = fc.integer({ min: 1, max: 223 }).filter((value) => value !== 127);
  const piece = fc.oneof(
    fc.constantFrom("", "dhcp", "none", "off", "eth0", "24", "255.255.255.0", "[", "]", "1500", "auto6", "."),
    fc.ipV4(),
    fc.ipV6(),
    fc.string({ unit: "binary", maxLength: 12 }),
  );

  test("is understood or refused with E_KERNEL_ARGUMENT in one short line", () => {
    fc.assert(
      fc.property(fc.array(piece, { maxLength: 16 }), (pieces) => {
        const value = pieces.join(":");
        try {
          const parsed = parseIpArgument({ name: "ip", value });
          if (parsed.kind === "static") expect(parsed.prefixLength).toBeGreaterThan(0);
        } catch (error) {
          expect(error).toBeInstanceOf(InstallerError);
          expect(error).toHaveProperty("code", "E_KERNEL_ARGUMENT");
          expect((error as Error).message).toMatch(/^.{1,500}$/su);
          expect((error as Error).message).not.toMatch(/\p{Cc}/u);
        }
      }),
      { numRuns: 2000 },
    );
  });

  test("no control character reaches a terminal", () => {
    expect(() => parse("eth0\u009b2J\u007f:dhcp")).toThrow(String.raw`found "eth0\u009b2J\u007f"`);
  });

  test("a well-formed fixed address keeps every part", () => {
    const host = fc.tuple(octet, octet, octet, octet).map((parts) => parts.join("."));
    fc.assert(
      fc.property(host, host, fc.constantFrom("eth0", "eno1", "vlan7"), (address, gateway, name) => {
        fc.pre(address !== gateway);
        const parsed = parse(`${address}::${gateway}:31::${name}:none`);
        expect(parsed).toMatchObject({ address, gateway, prefixLength: 31, interfaceReference: name });
      }),
    );
  });
});
