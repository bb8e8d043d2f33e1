import { expect, test } from "vitest";
import { chooseInterface } from "../../../src/network/choose-interface.ts";
import type { MachineNetwork, NetworkEntry } from "../../../src/network/model.ts";
import type { NetworkInterface } from "../../../src/system/interfaces.ts";

function entry(ipAddress: string, macAddress?: string): NetworkEntry {
  const base = { hostname: "", ipAddress, subnetId: "", vlanTrunk: false };
  return macAddress === undefined ? base : { ...base, macAddress };
}

function machine(...entries: readonly NetworkEntry[]): MachineNetwork {
  const subnet = { id: "Lab", gateway: "10.0.0.1", mask: "255.255.255.0", domainName: "", vlanId: 0 };
  return {
    hostname: "",
    gatewaySubnetId: "",
    entries,
    subnets: [{ ...subnet, nameServers: [], manage: false }],
  };
}

const INTERFACES: readonly NetworkInterface[] = ["eth0", "eth1"].map((name, index) => ({
  name,
  macAddress: `02:00:00:00:00:0${index}`,
  isUp: false,
  isBroadcast: true,
  isPhysical: true,
  hasCarrier: false,
  mtu: 1500,
}));

test("the first entry with a known MAC address and subnet", () => {
  const network = machine(
    entry("10.0.0.2"),
    entry("10.9.9.9", "02:00:00:00:00:00"),
    entry("10.0.0.3", "02:00:00:00:00:09"),
    entry("10.0.0.4", "02:00:00:00:00:01"),
    entry("10.0.0.5", "02:00:00:00:00:00"),
  );
  expect(chooseInterface(network, INTERFACES)).toMatchObject({
    interfaceName: "eth1",
    address: "10.0.0.4",
    subnet: { id: "Lab" },
    notes: ["no matching subnet for ip=10.9.9.9"],
  });
});

test("without a match the hint lists what the machine has", () => {
  expect(() => chooseInterface(machine(entry("10.0.0.2")), INTERFACES)).toThrow(
    expect.objectContaining({
      code: "E_NETWORK_NO_MATCH",
      message: "no network interfaces match injected configuration",
      hint: "this machine has eth0 02:00:00:00:00:00, eth1 02:00:00:00:00:01; no entry has one of these addresses",
    }) as Error,
  );
});
