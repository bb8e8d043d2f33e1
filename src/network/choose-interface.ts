import { InstallerError } from "../core/errors.ts";
import type { NetworkInterface } from "../system/interfaces.ts";
import type { MachineNetwork } from "./model.ts";
import { findSubnet, type UsableSubnet } from "./subnets.ts";

export interface InterfaceChoice {
  readonly interfaceName: string;
  readonly address: string;
  readonly subnet: UsableSubnet;
  /** Log lines about the entries that were passed over. */
  readonly notes: readonly string[];
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
