import { InstallerError } from "../../core/errors.ts";
import type { MachineNetwork, NetworkEntry, Subnet } from "../model.ts";
import { findSubnet, type UsableSubnet } from "../subnets.ts";

/** An interface of this machine as it is at the end of the installation. */
export interface PresentInterface {
  readonly name: string;
  readonly macAddress: string;
  readonly hasCarrier: boolean;
}

/** An address on an interface, or on a bridge over it when the subnet is managed. */
export interface StaticAddress {
  readonly interfaceName: string;
  readonly macAddress: string;
  readonly address: string;
  readonly subnet: UsableSubnet;
}

/** A bridge without an address, for the virtual machines in one subnet. */
export interface BareBridge {
  readonly interfaceName: string;
  readonly macAddress: string;
  readonly subnetId: string;
}

/** An address that belongs to the trunk: tagged, or untagged when the subnet's VLAN id is 0. */
export interface TrunkAddress {
  readonly address: string;
  readonly subnet: UsableSubnet;
}

/** The link that carries tagged VLANs: an interface, or a bond of all interfaces that nothing else claims. */
export interface Trunk {
  readonly name: string;
  /** Two or more, sorted, when it is a bond; otherwise empty. */
  readonly bondSlaves: readonly string[];
  readonly addresses: readonly TrunkAddress[];
  /** VLANs that get a bridge for virtual machines. */
  readonly bridgedVlanIds: readonly number[];
}

/** What the network of the new system is to look like, before it is written down for any particular software. */
export interface TargetNetworkPlan {
  readonly addresses: readonly StaticAddress[];
  readonly bridges: readonly BareBridge[];
  readonly trunk?: Trunk;
  /** Supplies default route and name servers. */
  readonly defaultSubnet: UsableSubnet;
  /** Log lines: what was passed over, and why. */
  readonly notes: readonly string[];
}

const BOND_NAME = "bond0";
const MAXIMUM_BRIDGE_ID_BYTES = 9;

/**
 * Decides who gets which address, bridge, bond and VLAN (spec/network.md section 2, with the known defects of section 4
 * put right). Throws E_NETWORK_PLAN when the description cannot be followed.
 */
export function planTargetNetwork(
  network: MachineNetwork,
  interfaces: readonly PresentInterface[],
): TargetNetworkPlan {
  const planner = new Planner(network, interfaces);
  for (const entry of network.entries) planner.placeEntry(entry);
  planner.placeTrunk();
  return planner.finish();
}

/** The choices made so far, in the order of the three passes of the specification. */
class Planner {
  readonly #network: MachineNetwork;
  readonly #interfaces: ReadonlyMap<string, PresentInterface>;
  readonly #preferredSubnet: Subnet | undefined;
  readonly #remaining: Set<PresentInterface>;
  readonly #addresses: StaticAddress[] = [];
  readonly #bridges: BareBridge[] = [];
  readonly #deferred: (NetworkEntry & { readonly ipAddress: string })[] = [];
  readonly #usedSubnets = new Set<Subnet>();
  readonly #declaredTrunks: string[] = [];
  readonly #notes: string[] = [];
  #trunk: Trunk | undefined;
  #defaultSubnet: UsableSubnet | undefined;

  constructor(network: MachineNetwork, interfaces: readonly PresentInterface[]) {
    this.#network = network;
    // Of two interfaces with one address the first by name wins, so that the result does not depend on chance.
    const byName = interfaces.toSorted((a, b) => (a.name < b.name ? 1 : -1));
    this.#interfaces = new Map(byName.map((present) => [present.macAddress, present]));
    this.#remaining = new Set(interfaces);
    this.#preferredSubnet = findPreferredSubnet(network);
  }

  /** Pass 1. */
  placeEntry(entry: NetworkEntry): void {
    const { ipAddress, macAddress } = entry;
    if (ipAddress === undefined) {
      if (macAddress !== undefined && entry.subnetId !== "") this.#placeBridge(macAddress, entry.subnetId);
    } else if (macAddress === undefined) {
      this.#deferred.push({ ...entry, ipAddress });
    } else {
      this.#placeAddress(entry, ipAddress, macAddress);
    }
  }

  /** Passes 2 and 3: the trunk, and what goes over it. */
  placeTrunk(): void {
    const spares = [...this.#remaining].filter(({ hasCarrier }) => hasCarrier).map(({ name }) => name);
    const name = this.#chooseTrunk(spares.sort());
    if (name === undefined) {
      for (const { ipAddress } of this.#deferred)
        this.#notes.push(`no interface is left for ip=${ipAddress}`);
      return;
    }
    const addresses = this.#deferred.flatMap(({ ipAddress }) => {
      const subnet = this.#claimSubnet(ipAddress);
      return subnet === undefined ? [] : [{ address: ipAddress, subnet }];
    });
    const bridgedVlanIds = this.#network.subnets
      .filter((subnet) => !this.#usedSubnets.has(subnet) && subnet.vlanId > 0 && subnet.manage)
      .map(({ vlanId }) => vlanId);
    this.#trunk = { name, bondSlaves: name === BOND_NAME ? spares : [], addresses, bridgedVlanIds };
  }

  finish(): TargetNetworkPlan {
    if (this.#defaultSubnet === undefined) {
      throw refused("no network entry of the machine has an address that can be used", {
        hint: this.#notes.join("; ") || "Machine.HostIpAddress is missing in config.json",
      });
    }
    return {
      addresses: this.#addresses,
      bridges: this.#bridges,
      ...(this.#trunk === undefined ? {} : { trunk: this.#trunk }),
      defaultSubnet: this.#defaultSubnet,
      notes: this.#notes,
    };
  }

  #placeBridge(macAddress: string, subnetId: string): void {
    const present = this.#interfaces.get(macAddress);
    if (present === undefined) throw refused(`MAC address: ${macAddress} not found`);
    const subnet = this.#network.subnets.find(({ id }) => id === subnetId);
    if (subnet === undefined) throw refused(`subnetId: ${subnetId} not found`);
    if (!subnet.manage) throw refused(`subnetId: ${subnetId} is not managed`);
    // The bridge is called br@ID; the kernel allows 15 bytes and no slash, ifupdown no dot.
    if (Buffer.byteLength(subnetId) > MAXIMUM_BRIDGE_ID_BYTES)
      throw refused(`subnetId: ${subnetId} is over 9 characters`);
    if (/[/.]/.test(subnetId)) throw refused(`subnetId: ${subnetId} contains '/' or '.'`);
    if (/[^!-~]|[:%]/.test(subnetId))
      throw refused(
        `subnetId: ${JSON.stringify(subnetId)} contains a character that an interface name cannot have`,
      );
    this.#usedSubnets.add(subnet);
    this.#remaining.delete(present);
    this.#bridges.push({ interfaceName: present.name, macAddress, subnetId });
  }

  #placeAddress(entry: NetworkEntry, address: string, macAddress: string): void {
    const present = this.#interfaces.get(macAddress);
    if (present === undefined) {
      this.#notes.push(`MAC address: ${macAddress} not found`);
      return;
    }
    const subnet = this.#claimSubnet(address);
    if (subnet === undefined) return;
    if (subnet.manage) this.#checkBridge(subnet);
    this.#addresses.push({ interfaceName: present.name, macAddress, address, subnet });
    this.#remaining.delete(present);
    if (entry.vlanTrunk) this.#declaredTrunks.push(present.name);
  }

  /** The subnet of an accepted address, and with it the default subnet (spec/network.md 2.6). */
  #claimSubnet(address: string): UsableSubnet | undefined {
    const subnet = findSubnet(this.#network.subnets, address);
    if (subnet === undefined) {
      this.#notes.push(`no matching subnet for ip=${address}`);
      return undefined;
    }
    this.#usedSubnets.add(subnet);
    if (this.#defaultSubnet === undefined || subnet === this.#preferredSubnet) this.#defaultSubnet = subnet;
    return subnet;
  }

  #checkBridge(subnet: Subnet): void {
    if (subnet.vlanId === 0)
      throw refused(`subnetId: ${subnet.id} is managed but has no VlanId to name its bridge after`);
    if (this.#addresses.some((other) => other.subnet.manage && other.subnet.vlanId === subnet.vlanId))
      throw refused(`subnetId: ${subnet.id} would need a second bridge br${subnet.vlanId}`);
  }

  /** A declared trunk is taken at its word; otherwise the spare interfaces are it, bonded when there are several. */
  #chooseTrunk(spares: readonly string[]): string | undefined {
    const declared = this.#declaredTrunks[0];
    if (this.#declaredTrunks.length > 1)
      throw refused(`VlanTrunk is set for several interfaces: ${this.#declaredTrunks.join(", ")}`);
    if (declared === undefined) return spares.length > 1 ? BOND_NAME : spares[0];
    if (spares.length > 0)
      this.#notes.push(`${declared} is the VLAN trunk, leaving unused: ${spares.join(" ")}`);
    return declared;
  }
}

function findPreferredSubnet({ gatewaySubnetId, entries, subnets }: MachineNetwork): Subnet | undefined {
  if (gatewaySubnetId === "") {
    const primaryAddress = entries[0]?.ipAddress;
    return primaryAddress === undefined ? undefined : findSubnet(subnets, primaryAddress);
  }
  const preferred = subnets.find(({ id }) => id === gatewaySubnetId);
  if (preferred === undefined) throw refused(`GatewaySubnetId: ${gatewaySubnetId} not found`);
  return preferred;
}

function refused(message: string, options: { readonly hint?: string } = {}): InstallerError {
  return new InstallerError("E_NETWORK_PLAN", message, options);
}
