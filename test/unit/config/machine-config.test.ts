import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { parseMachineConfig } from "../../../src/config/machine-config.ts";
import { hasCode, InstallerError } from "../../../src/core/errors.ts";

function failureOf(text: string): InstallerError {
  try {
    parseMachineConfig("/tftpdata/config.json", text);
  } catch (error) {
    if (error instanceof InstallerError) return error;
    throw error;
  }
  throw new Error("accepted");
}

test("everything that matters, in camel case and canonical spelling", () => {
  const text = `# from the inventory
{
  "Location": "lab",
  "Machine": {
    "Hostname": "host7.example.com", "HostIpAddress": "192.168.1.2", "HostMacAddress": "D:A:B:E:0:1",
    "GatewaySubnetId": "Dev", "VlanTrunk": true, "IPMI": {}, "MemoryInMiB": 18446744073709551615,
    "Tags": {"Role": "db"}, "ArchitectureType": "arm64", "SecondaryNetworkEntries": [{"SubnetId": "Dev"}]
  },
  // subnets
  "Subnets": [
    {"Id": "Dev", "IpGateway": "192.168.1.1", "IpMask": "255.255.255.0", "DomainName": "example.com",
     "DomainNameServers": ["10.0.0.53", "2001:DB8::53"], "Manage": true, "VlanId": 100},
    {"Id": "", "IpGateway": "", "IpMask": "", "DomainNameServers": null}
  ]
}`;
  expect(parseMachineConfig("config.json", text)).toEqual({
    value: {
      hostname: "host7.example.com",
      gatewaySubnetId: "Dev",
      entries: [
        {
          hostname: "host7.example.com",
          ipAddress: "192.168.1.2",
          macAddress: "0d:0a:0b:0e:00:01",
          subnetId: "",
          vlanTrunk: true,
        },
        { hostname: "", subnetId: "Dev", vlanTrunk: false },
      ],
      subnets: [
        {
          id: "Dev",
          gateway: "192.168.1.1",
          mask: "255.255.255.0",
          domainName: "example.com",
          nameServers: ["10.0.0.53", "2001:db8::53"],
          manage: true,
          vlanId: 100,
        },
        { id: "", domainName: "", nameServers: [], manage: false, vlanId: 0 },
      ],
    },
    warnings: [],
  });
});

test("keys match whatever their case, the last of two counts, null is the default", () => {
  const text = '{"machine": {"HOSTNAME": "a", "hostname": "b", "VlanTrunk": null, "hostName": null}}';
  expect(parseMachineConfig("c", text).value.entries[0]).toEqual({
    hostname: "b",
    subnetId: "",
    vlanTrunk: false,
  });
});

test("an empty MAC address is none", () => {
  const { entries } = parseMachineConfig("c", '{"Machine": {"HostMacAddress": ""}}').value;
  expect(entries[0]?.macAddress).toBeUndefined();
});

test("unknown keys and trailing text are reported with their places, and ignored", () => {
  const text = '{\n  "Machine": {"Hostnane": "x", "__proto__": {}},\n  "Subnets": [{"Vlan": 3}]\n} and more';
  expect(parseMachineConfig("c.json", text).warnings).toEqual([
    "c.json:4:3: ignoring what follows the JSON value",
    "c.json:2:15: Machine.Hostnane: unknown key, ignored; did you mean Hostname?",
    "c.json:2:32: Machine.__proto__: unknown key, ignored",
    "c.json:3:16: Subnets[0].Vlan: unknown key, ignored; did you mean VlanId?",
  ]);
});

describe("says file, line, column, key, and what was found and expected", () => {
  test.each([
    ["", "E_CONFIG_SYNTAX", "/tftpdata/config.json:1:1: EOF"],
    ['{"Machine": {', "E_CONFIG_SYNTAX", "/tftpdata/config.json:1:14: unexpected EOF"],
    [
      "# comment\n  {,}",
      "E_CONFIG_SYNTAX",
      '/tftpdata/config.json:2:4: found ",", expected a key in double quotes',
    ],
    ["[]", "E_CONFIG_VALUE", "/tftpdata/config.json:1:1: found an array, expected an object"],
    [
      '{"machine": {\n  "hostIPaddress": "192.168.1"}}',
      "E_CONFIG_VALUE",
      "/tftpdata/config.json:2:20: machine.hostIPaddress: invalid IP address: 192.168.1",
    ],
    [
      '{"Machine": {"HostMacAddress": "zz:ad"}}',
      "E_CONFIG_VALUE",
      "/tftpdata/config.json:1:32: Machine.HostMacAddress: address zz:ad: invalid MAC address",
    ],
    [
      '{"Machine": {"SecondaryNetworkEntries": [{}, {"VlanTrunk": "yes"}]}}',
      "E_CONFIG_VALUE",
      '/tftpdata/config.json:1:60: Machine.SecondaryNetworkEntries[1].VlanTrunk: found "yes", expected a boolean',
    ],
    [
      '{"Subnets": [null]}',
      "E_CONFIG_VALUE",
      "/tftpdata/config.json:1:14: Subnets[0]: found null, expected an object",
    ],
    [
      '{"Subnets": [{"IpMask": "24"}]}',
      "E_CONFIG_VALUE",
      '/tftpdata/config.json:1:25: Subnets[0].IpMask: found "24", expected a mask like 255.255.255.0',
    ],
    [
      '{"Subnets": [{"VlanId": 1e3}]}',
      "E_CONFIG_VALUE",
      "/tftpdata/config.json:1:25: Subnets[0].VlanId: found 1e3, expected an integer without fraction or exponent",
    ],
    [
      '{"Subnets": [{"VlanId": -1}]}',
      "E_CONFIG_VALUE",
      "/tftpdata/config.json:1:25: Subnets[0].VlanId: found -1, expected at least 0",
    ],
    [
      '{"Subnets": [{"VlanId": 4095}]}',
      "E_CONFIG_VALUE",
      "/tftpdata/config.json:1:25: Subnets[0].VlanId: found 4095, expected at most 4094",
    ],
    [
      '{"Machine": {"ArchitectureType": "sparc"}}',
      "E_CONFIG_VALUE",
      "/tftpdata/config.json:1:34: Machine.ArchitectureType: unknown ArchitectureType: sparc",
    ],
    [
      '{"Machine": {"Tags": {"a": 1}}}',
      "E_CONFIG_VALUE",
      "/tftpdata/config.json:1:28: Machine.Tags.a: found 1, expected a string",
    ],
    [
      '{"Subnets": [{"DomainName": "a\\nnameserver 6.6.6.6"}]}',
      "E_CONFIG_VALUE",
      '/tftpdata/config.json:1:29: Subnets[0].DomainName: found a control character in "a\\nnameserver 6.6.6.6"',
    ],
  ])("%j", (text, code, message) => {
    const failure = failureOf(text);
    expect([failure.code, failure.message]).toEqual([code, message]);
  });

  test("all wrong values, the first in the message", () => {
    const failure = failureOf('{"Machine": {"VlanTrunk": 1, "Hostname": 2}}');
    expect(failure.message).toMatch(/^\/tftpdata\/config\.json:1:\d+: Machine\.\w+: found/);
    expect(failure.hint).toContain("also wrong: /tftpdata/config.json:1:");
  });
});

test("any JSON is read or refused with a configuration error", () => {
  const text = fc.oneof(
    fc.json({ maxDepth: 4 }),
    fc.json().map((json) => `{"Machine": ${json}, "Subnets": [${json}]}`),
  );
  fc.assert(
    fc.property(text, (json) => {
      try {
        parseMachineConfig("c", json);
      } catch (error) {
        if (!hasCode(error, "E_CONFIG_SYNTAX", "E_CONFIG_VALUE")) throw error;
      }
    }),
    { seed: 8, numRuns: 300 },
  );
});
