import { describe, expect, test } from "vitest";
import {
  chooseInterface,
  chooseTrunkInterface,
  hasTrunkAddress,
} from "../../../src/network/choose-interface.ts";
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

describe("addresses on the VLAN trunk", () => {
  const up = INTERFACES.map((present) => ({ ...present, hasCarrier: true }));
  const tagged = (vlanId: number, ...entries: readonly NetworkEntry[]): MachineNetwork => {
    const { subnets, ...rest } = machine(...entries);
    return { ...rest, subnets: subnets.map((subnet) => ({ ...subnet, vlanId })) };
  };

  test("go to the first spare link with a carrier, as a VLAN interface on it", () => {
    const network = tagged(7, entry("10.9.9.9"), entry("10.0.0.2"));
    expect(hasTrunkAddress(network)).toBe(true);
    expect(chooseTrunkInterface(network, up)).toMatchObject({
      interfaceName: "eth0.7",
      address: "10.0.0.2",
      subnet: { id: "Lab" },
      vlan: { name: "eth0.7", parent: "eth0", vlanId: 7 },
      notes: ["eth0 carries the VLANs during the installation, not: eth1"],
    });
    const late = up.map((present) => ({ ...present, hasCarrier: present.name === "eth1" }));
    expect(chooseTrunkInterface(network, late)).toMatchObject({ interfaceName: "eth1.7", notes: [] });
  });

  test("leave links alone that belong to another entry", () => {
    const other = entry("10.9.9.9", "02:00:00:00:00:00");
    expect(chooseTrunkInterface(tagged(7, entry("10.0.0.2"), other), up)?.interfaceName).toBe("eth1.7");
  });

  test("go to the declared trunk, whatever its carrier", () => {
    const trunk = { ...entry("10.9.9.9", "02:00:00:00:00:01"), vlanTrunk: true };
    expect(chooseTrunkInterface(tagged(7, entry("10.0.0.2"), trunk), INTERFACES)?.interfaceName).toBe(
      "eth1.7",
    );
  });

  test("are untagged in a subnet without VLAN id", () => {
    const choice = chooseTrunkInterface(tagged(0, entry("10.0.0.2")), up);
    expect(choice).toMatchObject({ interfaceName: "eth0" });
    expect(choice).not.toHaveProperty("vlan");
  });

  test("find nothing while there is no link, or when no subnet has the address", () => {
    expect(chooseTrunkInterface(tagged(7, entry("10.0.0.2")), INTERFACES)).toBeUndefined();
    expect(chooseTrunkInterface(tagged(7, entry("10.9.9.9")), up)).toBeUndefined();
    expect(hasTrunkAddress(tagged(7, entry("10.9.9.9"), entry("10.0.0.2", "02:00:00:00:00:09")))).toBe(false);
  });
});
