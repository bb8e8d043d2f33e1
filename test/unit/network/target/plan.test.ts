import { describe, expect, test } from "vitest";
import type { MachineNetwork } from "../../../../src/network/model.ts";
import { renderInterfaces } from "../../../../src/network/target/ifupdown.ts";
import { type PresentInterface, planTargetNetwork } from "../../../../src/network/target/plan.ts";
import { entry, macAddress, present, subnet } from "../../../support/network-plans.ts";

// The recorded cases of the original are in conformance.test.ts; here is what it gets wrong or never met.

const PRIMARY = entry({ ipAddress: "192.168.1.2", macAddress: macAddress(0) });
const LAB = subnet("Lab", 1);
const DEV = subnet("Dev", 100, { manage: true, vlanId: 100 });

function network(values: Partial<MachineNetwork>): MachineNetwork {
  return { hostname: "h", gatewaySubnetId: "", entries: [PRIMARY], subnets: [LAB, DEV], ...values };
}

describe("refuses with E_NETWORK_PLAN", () => {
  test.each<[string, MachineNetwork, readonly PresentInterface[]]>([
    [
      "no network entry of the machine has an address that can be used",
      network({ entries: [entry({})] }),
      [present("eth0", 0)],
    ],
    [
      "no network entry of the machine has an address that can be used",
      network({ entries: [entry({ ipAddress: "192.168.1.2" })] }),
      [present("eth0", 0, false)],
    ],
    ["GatewaySubnetId: Nowhere not found", network({ gatewaySubnetId: "Nowhere" }), [present("eth0", 0)]],
    [
      "subnetId: Lab is managed but has no VlanId to name its bridge after",
      network({ subnets: [subnet("Lab", 1, { manage: true })] }),
      [present("eth0", 0)],
    ],
    [
      'subnetId: "a b" contains a character that an interface name cannot have',
      network({
        entries: [PRIMARY, entry({ subnetId: "a b", macAddress: macAddress(1) })],
        subnets: [LAB, subnet("a b", 2, { manage: true, vlanId: 2 })],
      }),
      [present("eth0", 0), present("eth1", 1)],
    ],
    [
      "subnetId: Dev would need a second bridge br100",
      network({
        entries: [
          PRIMARY,
          entry({ ipAddress: "192.168.100.5", macAddress: macAddress(1) }),
          entry({ ipAddress: "192.168.100.6", macAddress: macAddress(2) }),
        ],
      }),
      [present("eth0", 0), present("eth1", 1), present("eth2", 2)],
    ],
    [
      "VlanTrunk is set for several interfaces: eth0, eth1",
      network({
        entries: [
          { ...PRIMARY, vlanTrunk: true },
          entry({ ipAddress: "192.168.1.3", macAddress: macAddress(1), vlanTrunk: true }),
        ],
      }),
      [present("eth0", 0), present("eth1", 1)],
    ],
  ])("%s", (message, machine, interfaces) => {
    expect(() => planTargetNetwork(machine, interfaces)).toThrow(
      expect.objectContaining({ code: "E_NETWORK_PLAN", message }) as Error,
    );
  });

  test("and says what became of each entry", () => {
    const machine = network({ entries: [entry({ ipAddress: "10.9.9.9", macAddress: macAddress(0) })] });
    expect(() => planTargetNetwork(machine, [present("eth0", 0)])).toThrow(
      expect.objectContaining({ hint: "no matching subnet for ip=10.9.9.9" }) as Error,
    );
  });
});

test("a subnet without mask contains nothing", () => {
  const { mask, ...bare } = subnet("Bare", 1);
  expect(mask).toBeDefined();
  const plan = planTargetNetwork(network({ subnets: [bare, LAB] }), [present("eth0", 0)]);
  expect(plan.defaultSubnet.id).toBe("Lab");
});

test("a declared trunk stays itself when there are spare interfaces", () => {
  const machine = network({ entries: [{ ...PRIMARY, vlanTrunk: true }] });
  const plan = planTargetNetwork(machine, [present("eth0", 0), present("eth1", 1), present("eth2", 2)]);
  expect(plan.trunk).toEqual({ name: "eth0", bondSlaves: [], addresses: [], bridgedVlanIds: [100] });
  expect(plan.notes).toEqual(["eth0 is the VLAN trunk, leaving unused: eth1 eth2"]);
});

test("of two interfaces with one MAC address the first by name is taken", () => {
  const plan = planTargetNetwork(network({}), [present("eth1", 0, false), present("eth0", 0)]);
  expect(plan.addresses[0]?.interfaceName).toBe("eth0");
});

test("an untagged address belongs to the trunk itself", () => {
  const machine = network({ entries: [entry({ ipAddress: "192.168.1.2" })], subnets: [LAB] });
  const plan = planTargetNetwork(machine, [present("eth0", 0)]);
  expect(renderInterfaces(plan)).toBe(
    [
      "# /etc/network/interfaces -- created by SmallStack installer",
      "",
      "auto lo",
      "iface lo inet loopback",
      "",
      "auto eth0",
      "iface eth0 inet static",
      "\taddress 192.168.1.2",
      "\tnetmask 255.255.255.0",
      "\tgateway 192.168.1.1",
      "",
    ].join("\n"),
  );
});

test("a VLAN on a long interface name gets a name that the kernel accepts", () => {
  const machine = network({ entries: [PRIMARY, entry({ ipAddress: "192.168.100.5" })] });
  const interfaces = [present("eth0", 0), present("enp129s0f1np1", 1)];
  const text = renderInterfaces(planTargetNetwork(machine, interfaces));
  expect(text).toContain(
    "auto vlan100\niface vlan100 inet static\n\tvlan-raw-device enp129s0f1np1\n\taddress 192.168.100.5\n",
  );
});
