import { describe, expect, test } from "vitest";
import { formatDiagnostic } from "../../../src/config/diagnostic.ts";
import { checkMachineConfig } from "../../../src/config/machine-config.ts";
import { findMachineProblems } from "../../../src/config/machine-problems.ts";
import { locateProblems } from "../../../src/config/problem.ts";

type Json = Readonly<Record<string, unknown>>;

const SERVERS = { Id: "Servers", IpGateway: "10.1.0.1", IpMask: "255.255.255.0" };
const VMS = { Id: "VMs", IpGateway: "10.2.0.1", IpMask: "255.255.255.0", Manage: true, VlanId: 120 };
const MACHINE = { Hostname: "host7", HostIpAddress: "10.1.0.7", HostMacAddress: "52:54:00:00:00:07" };

/** The problems of a machine that is good but for the changes, without file and position. */
function problems(machine: Json, subnets: readonly Json[] = [SERVERS, VMS], secondary: readonly Json[] = []) {
  const text = JSON.stringify({
    Machine: { ...MACHINE, ...machine, SecondaryNetworkEntries: secondary },
    Subnets: subnets,
  });
  const checked = checkMachineConfig("c", text);
  if (checked.value === undefined) throw new Error(checked.diagnostics.map(formatDiagnostic).join("\n"));
  return locateProblems(checked, findMachineProblems(checked.value)).map(
    ({ severity, key, message }) => `${severity}: ${key}: ${message}`,
  );
}

test("a good configuration has no problems", () => {
  const bridge = { HostMacAddress: "52:54:00:00:00:08", SubnetId: "VMs" };
  const tagged = { Hostname: "host7-vms", HostIpAddress: "10.2.0.7" };
  expect(problems({ GatewaySubnetId: "Servers" }, [SERVERS, VMS], [bridge, tagged])).toEqual([]);
});

describe("subnets", () => {
  test.each([
    [{ IpMask: "" }, "warning: Subnets[1]: no IpMask: no address lies in this subnet"],
    [{ IpGateway: "" }, "warning: Subnets[1]: no IpGateway: no address lies in this subnet"],
    [{ IpGateway: "10.2.0.0" }, "error: Subnets[1].IpGateway: 10.2.0.0 is the address of the subnet itself"],
    [{ IpGateway: "2001:db8::1" }, "warning: Subnets[1].IpGateway: 2001:db8::1 is not an IPv4 address"],
    [{ Id: "Servers" }, "warning: Subnets[1].Id: Servers is also the Id of Subnets[0], which is taken"],
    [
      { IpGateway: "10.1.0.254" },
      "warning: Subnets[1].IpGateway: has addresses in common with Subnets[0], to which these are taken to belong",
    ],
    [
      { IpGateway: "10.9.9.9", IpMask: "255.0.0.0" },
      "warning: Subnets[1].IpGateway: has addresses in common",
    ],
  ])("%j", (change, expected) => {
    expect(problems({}, [SERVERS, { ...VMS, ...change }]).join("\n")).toContain(expected);
  });

  test("a point-to-point link has no addresses that are taken", () => {
    const link = { Id: "Link", IpGateway: "10.1.0.6", IpMask: "255.255.255.254" };
    expect(problems({}, [link])).toEqual([]);
  });

  test("one VLAN twice", () => {
    const twin = { ...VMS, Id: "Twin", IpGateway: "10.3.0.1" };
    expect(problems({}, [SERVERS, VMS, twin])).toEqual([
      "warning: Subnets[2].VlanId: 120 is also the VlanId of Subnets[1]",
    ]);
  });
});

describe("the machine's own entry", () => {
  test.each([
    [{ Hostname: "" }, ["warning: Machine: no Hostname: the new system would have no name"]],
    [{ Hostname: "host_7" }, ['warning: Machine.Hostname: "host_7" is not a host name (RFC 1123)']],
    [{ HostIpAddress: "10.3.0.7" }, ["error: Machine.HostIpAddress: no matching subnet for ip=10.3.0.7"]],
    [
      { HostIpAddress: "10.1.0.255" },
      ["error: Machine.HostIpAddress: 10.1.0.255 is the broadcast address of the subnet"],
    ],
    [
      { HostIpAddress: "10.1.0.1" },
      ['error: Machine.HostIpAddress: 10.1.0.1 is the gateway of subnet "Servers"'],
    ],
    [
      { HostMacAddress: "01:00:5e:00:00:01" },
      ["error: Machine.HostMacAddress: 01:00:5e:00:00:01 is a group address, not an interface's"],
    ],
    [
      { HostMacAddress: "0:0:0:0:0:0" },
      ["error: Machine.HostMacAddress: 00:00:00:00:00:00 is no interface's address"],
    ],
    [{ SubnetId: "VMs" }, ['warning: Machine.SubnetId: has no effect: 10.1.0.7 lies in subnet "Servers"']],
    [{ GatewaySubnetId: "Server" }, ["error: Machine.GatewaySubnetId: GatewaySubnetId: Server not found"]],
  ])("%j", (change, expected) => expect(problems(change)).toEqual(expected));

  test("an address in a managed subnet without a VLAN", () => {
    expect(problems({}, [{ ...SERVERS, Manage: true }])).toEqual([
      'error: Machine.HostIpAddress: subnet "Servers" is managed but has no VlanId to name its bridge after',
    ]);
  });

  test("no address at all", () => {
    const nothing = { HostIpAddress: "", HostMacAddress: "" };
    expect(problems(nothing)).toEqual([
      "error: Machine: no HostIpAddress: the new system would have no address",
    ]);
  });
});

describe("further entries", () => {
  const mac = { HostMacAddress: "52:54:00:00:00:08" };
  const place = "Machine.SecondaryNetworkEntries[0]";
  test.each([
    [{ ...mac }, `warning: ${place}: has no effect without HostIpAddress, or HostMacAddress and SubnetId`],
    [{ SubnetId: "VMs" }, `warning: ${place}: has no effect without`],
    [{ ...mac, SubnetId: "VM" }, `error: ${place}.SubnetId: subnetId: VM not found`],
    [{ ...mac, SubnetId: "Servers" }, `error: ${place}.SubnetId: subnetId: Servers is not managed`],
    [
      { HostIpAddress: "10.1.0.7" },
      `error: ${place}.HostIpAddress: 10.1.0.7 is already the HostIpAddress of Machine`,
    ],
    [
      { HostMacAddress: "52-54-00-00-00-07", SubnetId: "VMs" },
      `error: ${place}.HostMacAddress: 52:54:00:00:00:07 is already the HostMacAddress of Machine`,
    ],
    [
      { Hostname: "HOST7", HostIpAddress: "10.1.0.8" },
      `warning: ${place}.Hostname: host7 is already the Hostname of Machine`,
    ],
  ])("%j", (entry, expected) => {
    const [found, ...others] = problems({}, undefined, [entry]);
    expect(found).toContain(expected);
    expect(others).toEqual([]);
  });

  test.each([
    ["over-nine-", "is over 9 characters"],
    ["a/b", "contains '/' or '.'"],
    ["a.b", "contains '/' or '.'"],
  ])("the Id %s of a bridge", (id, why) => {
    const subnets = [SERVERS, { ...VMS, Id: id }];
    expect(problems({}, subnets, [{ ...mac, SubnetId: id }])).toEqual([
      `error: ${place}.SubnetId: subnetId: ${id} ${why}`,
    ]);
  });

  test("a second VLAN trunk", () => {
    const trunk = { ...mac, HostIpAddress: "10.1.0.8", VlanTrunk: true };
    expect(problems({ VlanTrunk: true }, undefined, [trunk])).toEqual([
      `error: ${place}.VlanTrunk: VlanTrunk is set for several interfaces`,
    ]);
  });
});
