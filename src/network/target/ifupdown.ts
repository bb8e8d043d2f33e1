import { addressedName, bareBridgeName, vlanBridgeName, vlanName } from "./names.ts";
import type { StaticAddress, TargetNetworkPlan, Trunk, TrunkAddress } from "./plan.ts";
import type { TargetFile } from "./target-file.ts";

/** Place of the file in the new system. */
const INTERFACES_PATH = "etc/network/interfaces";

/** The files of Debian ifupdown. */
export function renderIfupdown(plan: TargetNetworkPlan): readonly TargetFile[] {
  return [{ path: INTERFACES_PATH, text: renderInterfaces(plan), mode: 0o644 }];
}

/**
 * `/etc/network/interfaces` of Debian ifupdown (spec/network.md section 3). The first line is part of the contract:
 * other programs of the fleet only touch files that carry it.
 */
export function renderInterfaces(plan: TargetNetworkPlan): string {
  const blocks = [
    "# /etc/network/interfaces -- created by SmallStack installer\n",
    block("lo", "loopback", []),
    ...plan.addresses.map((address) => renderAddress(address, plan)),
    ...plan.bridges.map((bridge) =>
      block(bareBridgeName(bridge), "manual", bridgeLines(bridge.macAddress, bridge.interfaceName)),
    ),
    ...(plan.trunk === undefined ? [] : renderTrunk(plan.trunk, plan)),
  ];
  return blocks.join("\n");
}

function renderAddress(entry: StaticAddress, plan: TargetNetworkPlan): string {
  const { interfaceName, macAddress, address, subnet } = entry;
  return block(addressedName(entry), "static", [
    `address      ${address}`,
    `netmask      ${subnet.mask}`,
    ...(isDefault(subnet.gateway, plan) ? [`gateway      ${subnet.gateway}`] : []),
    ...(subnet.manage ? bridgeLines(macAddress, interfaceName) : []),
  ]);
}

function bridgeLines(macAddress: string, interfaceName: string): readonly string[] {
  return [`hwaddress    ${macAddress}`, `bridge_ports ${interfaceName}`];
}

function renderTrunk(trunk: Trunk, plan: TargetNetworkPlan): readonly string[] {
  const untagged = trunk.addresses.filter(({ subnet }) => subnet.vlanId === 0);
  const tagged = trunk.addresses.filter(({ subnet }) => subnet.vlanId > 0);
  return [
    ...renderTrunkItself(trunk, untagged, plan),
    ...tagged.map((entry) => {
      const lines = [`vlan-raw-device ${trunk.name}`, ...trunkAddressLines(entry, plan)];
      return block(vlanName(trunk.name, entry.subnet.vlanId), "static", lines);
    }),
    ...trunk.bridgedVlanIds.flatMap((vlanId) => {
      const name = vlanName(trunk.name, vlanId);
      return [
        block(name, "manual", [`vlan-raw-device ${trunk.name}`]),
        block(vlanBridgeName(vlanId), "manual", [`bridge_ports ${name}`]),
      ];
    }),
  ];
}

/** The interface or bond below the VLANs, with the untagged addresses; several blocks of one name add up in ifupdown. */
function renderTrunkItself(
  { name, bondSlaves }: Trunk,
  untagged: readonly TrunkAddress[],
  plan: TargetNetworkPlan,
): readonly string[] {
  const bondLines =
    bondSlaves.length < 2
      ? []
      : [
          `up ip link set ${name} mtu 9000`,
          "bond-mode 802.3ad",
          "bond-xmit_hash_policy 1",
          `slaves ${bondSlaves.join(" ")}`,
        ];
  const isWritten = plan.addresses.some((entry) => addressedName(entry) === name);
  const [first, ...others] = untagged.map((entry) => trunkAddressLines(entry, plan));
  const rest = others.map((lines) => block(name, "static", lines));
  if (first !== undefined) return [block(name, "static", [...bondLines, ...first]), ...rest];
  return isWritten ? [] : [block(name, "manual", bondLines)];
}

function trunkAddressLines({ address, subnet }: TrunkAddress, plan: TargetNetworkPlan): readonly string[] {
  const gateway = isDefault(subnet.gateway, plan) ? [`gateway ${subnet.gateway}`] : [];
  return [`address ${address}`, `netmask ${subnet.mask}`, ...gateway];
}

function isDefault(gateway: string, plan: TargetNetworkPlan): boolean {
  return gateway === plan.defaultSubnet.gateway;
}

function block(name: string, method: "loopback" | "static" | "manual", lines: readonly string[]): string {
  const body = lines.map((line) => `\t${line}\n`).join("");
  return `auto ${name}\niface ${name} inet ${method}\n${body}`;
}
