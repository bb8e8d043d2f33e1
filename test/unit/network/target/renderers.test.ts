import { readFile } from "node:fs/promises";
import { join } from "node:path";
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { InstallerError } from "../../../../src/core/errors.ts";
import type { MachineNetwork } from "../../../../src/network/model.ts";
import {
  type NetworkSoftware,
  RENDERER_NAMES,
  type RendererName,
} from "../../../../src/network/target/choose-renderer.ts";
import { type PresentInterface, planTargetNetwork } from "../../../../src/network/target/plan.ts";
import { renderTargetNetwork } from "../../../../src/network/target/render-target-network.ts";
import type { TargetFile } from "../../../../src/network/target/target-file.ts";
import {
  entry,
  macAddress,
  PLANNED_NETWORKS,
  type PlannedNetwork,
  present,
  subnet,
} from "../../../support/network-plans.ts";

const SOFTWARE: NetworkSoftware = {
  ifupdown: true,
  netplan: true,
  networkd: "enabled",
  networkManager: "enabled",
};

function render(renderer: RendererName, { plan, interfaces }: PlannedNetwork): readonly TargetFile[] {
  return renderTargetNetwork(renderer, SOFTWARE, plan, interfaces);
}

function golden(files: readonly TargetFile[]): string {
  return files.map(({ path, text, mode }) => `==> ${path} ${mode.toString(8)}\n${text}`).join("\n");
}

const CASES = Object.entries(PLANNED_NETWORKS).flatMap(([name, network]) =>
  RENDERER_NAMES.map((renderer) => ({ name, renderer, network })),
);

test.each(CASES)("$name as $renderer reads it", async ({ name, renderer, network }) => {
  const expected = await readFile(join(import.meta.dirname, `golden/${name}.${renderer}.txt`), "utf8");
  expect(golden(render(renderer, network))).toBe(expected);
});

test("netplan is carried out by NetworkManager where systemd-networkd cannot start", () => {
  const { plan, interfaces } = PLANNED_NETWORKS["single-address"];
  const software: NetworkSoftware = { ...SOFTWARE, networkd: "masked" };
  const [file] = renderTargetNetwork("netplan", software, plan, interfaces);
  expect(file?.text).toContain("\n  renderer: NetworkManager\n");
});

test("netplan does not match by a MAC address that two interfaces have", () => {
  const { plan } = PLANNED_NETWORKS["single-address"];
  const twins = [present("eth0", 0), present("eth1", 0)];
  const [file] = renderTargetNetwork("netplan", SOFTWARE, plan, twins);
  expect(file?.text).toContain("\n    eth0:\n      dhcp4: false\n");
});

test("a name with a character that is a pattern for systemd is matched without it", () => {
  const network = {
    hostname: "h",
    gatewaySubnetId: "",
    entries: [
      entry({ ipAddress: "192.168.1.2", macAddress: macAddress(0) }),
      entry({ subnetId: "a*[b", macAddress: macAddress(1) }),
    ],
    subnets: [subnet("Lab", 1), subnet("a*[b", 2, { manage: true, vlanId: 2 })],
  };
  const interfaces = [present("eth0", 0), present("eth1", 1)];
  const files = render("networkd", { plan: planTargetNetwork(network, interfaces), interfaces });
  const bridge = files.find(({ path }) => path === "etc/systemd/network/20-br@a*[b.network");
  expect(bridge?.text).toContain("[Match]\nName=br@a??b\n");
  expect(files.some(({ text }) => text.includes("Bridge=br@a*[b\n"))).toBe(true);
});

test("an address on an interface that is a bridge's port goes on the bridge", () => {
  const network = {
    hostname: "h",
    gatewaySubnetId: "",
    entries: [
      entry({ ipAddress: "192.168.1.2", macAddress: macAddress(0) }),
      entry({ ipAddress: "192.168.100.5", macAddress: macAddress(0) }),
    ],
    subnets: [subnet("Lab", 1), subnet("Dev", 100, { manage: true, vlanId: 100 })],
  };
  const interfaces = [present("eth0", 0)];
  const files = render("networkmanager", { plan: planTargetNetwork(network, interfaces), interfaces });
  const [port, bridge] = files.map(({ text }) => text);
  expect(port).toContain("interface-name=eth0\nmaster=br100\nslave-type=bridge\n");
  expect(port).not.toContain("192.168");
  expect(bridge).toContain("address1=192.168.1.2/24\naddress2=192.168.100.5/24\ngateway=192.168.1.1\n");
});

describe("every address of the plan is mentioned exactly once, and the default gateway as well", () => {
  const machines = arbitraryMachine();
  test.each(RENDERER_NAMES)("%s", (renderer) => {
    let rendered = 0;
    fc.assert(
      fc.property(machines, ([network, interfaces]) => {
        const planned = tryPlan(network, interfaces);
        if (planned === undefined) return;
        rendered += 1;
        const { plan } = planned;
        const text = golden(render(renderer, planned));
        const placed = [...plan.addresses, ...(plan.trunk?.addresses ?? [])];
        for (const { address } of placed) expect(count(text, address)).toBe(1);
        // ifupdown says it for each interface in the subnet, as the original does.
        const gateways = placed.filter(({ subnet: own }) => own === plan.defaultSubnet).length;
        expect(count(text, plan.defaultSubnet.gateway)).toBe(renderer === "ifupdown" ? gateways : 1);
        for (const server of renderer === "ifupdown" ? [] : plan.defaultSubnet.nameServers)
          expect(count(text, server)).toBe(1);
      }),
      { numRuns: 500 },
    );
    expect(rendered).toBeGreaterThan(250);
  });
});

function count(text: string, address: string): number {
  return text.split(/[^\d.]+/).filter((word) => word === address).length;
}

function tryPlan(
  network: MachineNetwork,
  interfaces: readonly PresentInterface[],
): PlannedNetwork | undefined {
  try {
    return { plan: planTargetNetwork(network, interfaces), interfaces };
  } catch (error) {
    if (error instanceof InstallerError && error.code === "E_NETWORK_PLAN") return undefined;
    throw error;
  }
}

/** Machines with up to five interfaces, and entries of all kinds in subnets of all kinds. */
function arbitraryMachine(): fc.Arbitrary<[MachineNetwork, readonly PresentInterface[]]> {
  const subnetKinds = fc.array(fc.record({ manage: fc.boolean(), isTagged: fc.boolean() }), {
    minLength: 1,
    maxLength: 4,
  });
  const entryKinds = fc.array(
    fc.record({
      subnetIndex: fc.nat(3),
      interfaceIndex: fc.option(fc.nat(4), { freq: 2 }),
      hasAddress: fc.boolean(),
      vlanTrunk: fc.boolean(),
    }),
    { minLength: 1, maxLength: 5 },
  );
  const carriers = fc.array(fc.boolean(), { minLength: 1, maxLength: 5 });
  return fc.tuple(subnetKinds, entryKinds, carriers).map(([kinds, entries, up]) => {
    const subnets = kinds.map(({ manage, isTagged }, index) =>
      subnet(`S${index}`, 10 + index, {
        manage,
        vlanId: isTagged || manage ? 100 + index : 0,
        nameServers: [`10.0.${index}.53`],
      }),
    );
    const network = {
      hostname: "h",
      gatewaySubnetId: "",
      subnets,
      entries: entries.map(({ subnetIndex, interfaceIndex, hasAddress, vlanTrunk }, index) =>
        entry({
          ...(hasAddress || index === 0
            ? { ipAddress: `192.168.${10 + (subnetIndex % kinds.length)}.${20 + index}` }
            : {}),
          ...(interfaceIndex === null ? {} : { macAddress: macAddress(interfaceIndex % up.length) }),
          // Of entries without an address only some bring a bridge, and not every subnet is for bridges.
          subnetId: kinds[subnetIndex]?.manage === true ? `S${subnetIndex}` : "",
          vlanTrunk: vlanTrunk && index === 0,
        }),
      ),
    };
    return [network, up.map((hasCarrier, index) => present(`eth${index}`, index, hasCarrier))];
  });
}
