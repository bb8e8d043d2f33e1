import { InstallerError } from "../core/errors.ts";
import type { NetworkInterface, VlanInterface } from "../system/interfaces.ts";
import type { MachineNetwork } from "./model.ts";
import { findSubnet, type UsableSubnet } from "./subnets.ts";
import { vlanName } from "./target/names.ts";

export interface InterfaceChoice {
  readonly interfaceName: string;
  readonly address: string;
  readonly subnet: UsableSubnet;
  /** Log lines about the entries that were passed over. */
  readonly notes: readonly string[];
}

export interface TrunkChoice extends InterfaceChoice {
  /** To be made first; absent when the address is untagged. */
  readonly vlan?: VlanInterface;
}

/**
 * The interface to install over when the configuration came with the boot medium: the first entry with an address in a
 * known subnet and the MAC address of one of `interfaces` (spec/configuration.md section 3). Throws E_NETWORK_NO_MATCH.
 */
export function chooseInterface(
  network: MachineNetwork,
  interfaces: readonly NetworkInterface[],
): InterfaceChoice {
  const notes: string[] = [];
  for (const { ipAddress, macAddress } of network.entries) {
    if (ipAddress === undefined || macAddress === undefined) continue;
    const match = interfaces.find((candidate) => candidate.macAddress === macAddress);
    if (match === undefined) continue;
    const subnet = findSubnet(network.subnets, ipAddress);
    if (subnet !== undefined) return { interfaceName: match.name, address: ipAddress, subnet, notes };
    notes.push(`no matching subnet for ip=${ipAddress}`);
  }
  const present = interfaces.map(({ name, macAddress }) => `${name} ${macAddress}`).join(", ");
  throw new InstallerError("E_NETWORK_NO_MATCH", "no network interfaces match injected configuration", {
    hint: `this machine has ${present === "" ? "no interface" : present}; ${notes.join("; ") || "no entry has one of these addresses"}`,
  });
}

/** Whether the machine has an address without an interface of its own: one that belongs on the VLAN trunk. */
export function hasTrunkAddress(network: MachineNetwork): boolean {
  return findTrunkAddress(network) !== undefined;
}

/**
 * The interface for a machine all of whose addresses lie on its VLAN trunk, which the original cannot install: the link
 * that is declared as the trunk, else the first by name that nothing else claims and that has a carrier. In the new
 * system several such links become a bond; here one of them has to do. Undefined when there is none (yet).
 */
export function chooseTrunkInterface(
  network: MachineNetwork,
  interfaces: readonly NetworkInterface[],
): TrunkChoice | undefined {
  const found = findTrunkAddress(network);
  const [trunk, ...others] = trunkLinks(network, interfaces);
  if (found === undefined || trunk === undefined) return undefined;
  const { address, subnet } = found;
  const unused = others.map(({ name }) => name).join(" ");
  const notes =
    unused === "" ? [] : [`${trunk.name} carries the VLANs during the installation, not: ${unused}`];
  const common = { address, subnet, notes };
  if (subnet.vlanId === 0) return { ...common, interfaceName: trunk.name };
  const name = vlanName(trunk.name, subnet.vlanId);
  return { ...common, interfaceName: name, vlan: { name, parent: trunk.name, vlanId: subnet.vlanId } };
}

function findTrunkAddress({
  entries,
  subnets,
}: MachineNetwork): { readonly address: string; readonly subnet: UsableSubnet } | undefined {
  for (const { ipAddress, macAddress } of entries) {
    if (ipAddress === undefined || macAddress !== undefined) continue;
    const subnet = findSubnet(subnets, ipAddress);
    if (subnet !== undefined) return { address: ipAddress, subnet };
  }
  return undefined;
}

function trunkLinks(
  { entries }: MachineNetwork,
  interfaces: readonly NetworkInterface[],
): readonly NetworkInterface[] {
  const declared = entries.filter(({ vlanTrunk }) => vlanTrunk).map(({ macAddress }) => macAddress);
  const claimed = entries.map(({ macAddress }) => macAddress);
  const trunks = interfaces.filter(({ macAddress }) => declared.includes(macAddress));
  if (trunks.length > 0) return trunks;
  return interfaces
    .filter(({ macAddress, hasCarrier }) => hasCarrier && !claimed.includes(macAddress))
    .toSorted((a, b) => (a.name < b.name ? -1 : 1));
}
