import { describe, expect, test } from "vitest";
import { parseNetworkArguments } from "../../../../src/network/kernel-arguments/network-arguments.ts";
import { planKernelNetwork, withAdditions } from "../../../../src/network/kernel-arguments/plan.ts";
import type { NetworkInterface } from "../../../../src/system/interfaces.ts";

const [ETH0, ETH1] = ["eth0", "eth1"].map(
  (name, index): NetworkInterface => ({
    name,
    macAddress: `52:54:00:00:00:0${index}`,
    isUp: false,
    isBroadcast: true,
    isPhysical: true,
    hasCarrier: false,
    mtu: 1500,
  }),
) as [NetworkInterface, NetworkInterface];

const plan = (text: string, interfaces: readonly NetworkInterface[] = [ETH0, ETH1]) =>
  planKernelNetwork(parseNetworkArguments(text), interfaces);

test("without arguments: DHCP on all interfaces", () => {
  expect(plan("quiet")).toMatchObject({ vlans: [], fixed: [], dhcpOn: undefined, notes: [] });
});

test("ip=dhcp changes nothing", () => {
  expect(plan("ip=dhcp")).toMatchObject({ vlans: [], fixed: [], dhcpOn: undefined, notes: [] });
});

test("a fixed address with everything", () => {
  const line =
    "ip=10.0.0.2:10.0.0.9:10.0.0.1:24:web1:eth1:none:1400 nameserver=10.0.0.53 rd.route=10.8.0.0/16:10.0.0.3";
  expect(plan(line)).toMatchObject({
    fixed: [
      {
        interfaceName: "eth1",
        address: "10.0.0.2",
        prefixLength: 24,
        gateway: "10.0.0.1",
        mtu: 1400,
        nameServers: ["10.0.0.53"],
        routes: [{ destination: "10.8.0.0", prefixLength: 16, gateway: "10.0.0.3" }],
      },
    ],
    bootServer: "10.0.0.9",
    hostname: "web1",
  });
});

test("a fixed address wins over DHCP", () => {
  const { fixed, notes } = plan("ip=eth0:dhcp ip=10.0.0.2:::24::eth1:none");
  expect(fixed.map(({ interfaceName }) => interfaceName)).toEqual(["eth1"]);
  expect(notes).toEqual(["ip=eth0:dhcp is not used: there is a fixed address"]);
});

test("of several fixed addresses bootdev= is the one to install over, else the first", () => {
  const line = "ip=10.0.0.2:::24::eth0:none ip=10.1.0.2:::24::eth1:none rd.route=10.8.0.0/16:10.0.0.3:eth0";
  const names = (text: string) =>
    plan(text).fixed.map(({ interfaceName, routes }) => [interfaceName, routes?.length]);
  expect(names(line)).toEqual([
    ["eth0", 1],
    ["eth1", 0],
  ]);
  expect(names(`${line} bootdev=eth1`)).toEqual([
    ["eth1", 0],
    ["eth0", 1],
  ]);
});

describe("a VLAN", () => {
  test("without an address gets DHCP, and nothing else does", () => {
    expect(plan("vlan=eth1.5:eth1")).toMatchObject({
      vlans: [{ name: "eth1.5", parent: "eth1", vlanId: 5 }],
      dhcpOn: ["eth1.5"],
    });
  });

  test("with an address needs no DHCP", () => {
    expect(plan("vlan=vlan5:eth0 ip=10.0.0.2:::24::vlan5:none")).toMatchObject({
      vlans: [{ name: "vlan5", parent: "eth0", vlanId: 5 }],
      fixed: [{ interfaceName: "vlan5" }],
    });
  });

  test("is meant by an address without interface when it is the only one", () => {
    expect(plan("vlan=vlan5:eth0 ip=10.0.0.2:::24:::none").fixed[0]?.interfaceName).toBe("vlan5");
  });

  test("on an interface by MAC address, or by the name of ifname=", () => {
    for (const parent of ["52-54-00-00-00-01", "lan"])
      expect(plan(`vlan=vlan5:${parent} ifname=lan:52:54:00:00:00:01`).vlans[0]?.parent).toBe("eth1");
  });
});

describe("the interface of an address", () => {
  test.each([
    ["by MAC address", "ip=10.0.0.2:::24::52-54-00-00-00-01:none", "eth1"],
    ["by the last field", "ip=10.0.0.2:::24:::none::52:54:00:00:00:01", "eth1"],
    ["the one that the machine booted from", "ip=10.0.0.2:::24:::none BOOTIF=01-52-54-00-00-00-01", "eth1"],
    ["by the name of ifname=", "ip=10.0.0.2:::24::lan:none ifname=lan:52:54:00:00:00:01", "eth1"],
  ])("%s", (_, text, name) => expect(plan(text).fixed[0]?.interfaceName).toBe(name));

  test("the only one", () => {
    expect(plan("ip=10.0.0.2:::24:::none", [ETH0]).fixed[0]?.interfaceName).toBe("eth0");
  });
});

test("DHCP on named interfaces only", () => {
  expect(plan("ip=eth1:dhcp").dhcpOn).toEqual(["eth1"]);
  expect(plan("ip=eth1:dhcp ip=eth0:dhcp").dhcpOn).toEqual(["eth1", "eth0"]);
});

test("what a boot loader passes on is no wish for a fixed address", () => {
  expect(plan("ip=10.0.0.2:10.0.0.9:10.0.0.1:255.255.255.0")).toMatchObject({
    fixed: [],
    dhcpOn: undefined,
    notes: [expect.stringContaining("names neither an interface nor a method")],
  });
});

test.each([
  ["ip=eth7:dhcp", "this machine has no interface eth7"],
  ["ip=52-54-00-00-00-09:dhcp", "no interface of this machine has the MAC address 52:54:00:00:00:09"],
  ["ip=10.0.0.2:::24:::none", "the sixth field must name the interface"],
  ["ip=eth0:dhcp ip=10.0.0.2:::24::eth0:none", "there are two arguments ip= for eth0"],
  ["ip=eth0:dhcp ip=dhcp", "of several arguments ip= each needs an interface"],
  ["ip=eth0:dhcp::52:54:00:00:00:09", "eth0 has the MAC address 52:54:00:00:00:00; giving it another"],
  ["vlan=vlan5:eth7", "this machine has no interface eth7"],
  ["vlan=vlan5:eth0 vlan=vlan5:eth1", "there is an interface vlan5 already"],
  ["vlan=vlan6:vlan5 vlan=vlan5:eth0", "this machine has no interface vlan5"],
  ["rd.route=10.8.0.0/16:10.0.0.1:eth7", "this machine has no interface eth7"],
  ["bootdev=eth7", "this machine has no interface eth7"],
])("%s is refused", (text, message) => {
  expect(() => plan(text)).toThrow(
    expect.objectContaining({
      code: "E_KERNEL_ARGUMENT",
      message: expect.stringContaining(message) as string,
    }) as Error,
  );
});

test("who gives a wrong name learns the right ones", () => {
  expect(() => plan("ip=enp3s0:dhcp")).toThrow(
    expect.objectContaining({
      hint: expect.stringContaining("eth0 52:54:00:00:00:00, eth1 52:54:00:00:00:01") as string,
    }) as Error,
  );
});

test("name servers, routes and MTU are added to what DHCP gives", () => {
  const active = {
    interfaceName: "eth0",
    address: "10.0.0.2",
    prefixLength: 24,
    nameServers: ["10.0.0.53", "10.0.0.1"],
    mtu: 1500,
  };
  const line =
    "ip=eth0:dhcp:1400 nameserver=10.0.0.1 rd.route=10.8.0.0/16:10.0.0.3 rd.route=10.9.0.0/16:10.0.0.3:eth1";
  expect(withAdditions(active, plan(line).additions)).toEqual({
    ...active,
    nameServers: ["10.0.0.1", "10.0.0.53"],
    routes: [{ destination: "10.8.0.0", prefixLength: 16, gateway: "10.0.0.3" }],
    mtu: 1400,
  });
  expect(withAdditions(active, plan("").additions)).toEqual({ ...active, routes: [] });
});
