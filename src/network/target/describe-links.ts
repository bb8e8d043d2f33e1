import { parseMask } from "../ip-address.ts";
import type { UsableSubnet } from "../subnets.ts";
import type { LinkKind, LinkResolution, TargetLink } from "./links.ts";
import { addressedName, bareBridgeName, vlanBridgeName, vlanName } from "./names.ts";
import type { PresentInterface, StaticAddress, TargetNetworkPlan, Trunk } from "./plan.ts";

interface PlacedAddress {
  readonly linkName: string;
  readonly address: string;
  readonly subnet: UsableSubnet;
}

type NamedKind = readonly [name: string, kind: LinkKind];
type Port = readonly [port: string, master: string];

/**
 * The plan as a list of devices, for software that is configured device by device. The order is: interfaces, bond,
 * VLANs, bridges. An address that the plan puts on a bridge's port goes on the bridge, where its packets are seen.
 */
export function describeLinks(
  plan: TargetNetworkPlan,
  interfaces: readonly PresentInterface[],
): readonly TargetLink[] {
  const { defaultSubnet } = plan;
  const masters = findMasters(plan);
  const placed = placeAddresses(plan).map((entry) => {
    return { ...entry, linkName: masters.get(entry.linkName) ?? entry.linkName };
  });
  const resolving = placed.find(({ subnet }) => subnet === defaultSubnet)?.linkName;
  return [...findKinds(plan, interfaces)].map(([name, kind]) => {
    const master = masters.get(name);
    const own = placed.filter(({ linkName }) => linkName === name);
    return {
      name,
      kind,
      ...(master === undefined ? {} : { master }),
      addresses: own.map(({ address, subnet }) => `${address}/${parseMask(subnet.mask) ?? 32}`),
      ...(name === resolving ? { resolution: resolutionOf(defaultSubnet) } : {}),
    };
  });
}

function resolutionOf({ gateway, nameServers, domainName }: UsableSubnet): LinkResolution {
  return { gateway, nameServers, searchDomains: domainName.split(/\s+/).filter((name) => name !== "") };
}

/** By port. A port has one master; of several claims the first counts. */
function findMasters(plan: TargetNetworkPlan): ReadonlyMap<string, string> {
  const ports: readonly Port[] = [
    ...bridged(plan).map((entry): Port => [entry.interfaceName, addressedName(entry)]),
    ...plan.bridges.map((bridge): Port => [bridge.interfaceName, bareBridgeName(bridge)]),
    ...(plan.trunk === undefined ? [] : trunkPorts(plan.trunk)),
  ];
  return new Map(ports.toReversed());
}

function trunkPorts({ name, bondSlaves, bridgedVlanIds }: Trunk): readonly Port[] {
  return [
    ...bondSlaves.map((slave): Port => [slave, name]),
    ...bridgedVlanIds.map((vlanId): Port => [vlanName(name, vlanId), vlanBridgeName(vlanId)]),
  ];
}

function findKinds(
  plan: TargetNetworkPlan,
  interfaces: readonly PresentInterface[],
): ReadonlyMap<string, LinkKind> {
  const { addresses, bridges, trunk } = plan;
  const used = new Set([
    ...[...addresses, ...bridges].map(({ interfaceName }) => interfaceName),
    ...(trunk === undefined ? [] : [trunk.name, ...trunk.bondSlaves]),
  ]);
  return new Map<string, LinkKind>([
    ...interfaces
      .filter(({ name }) => used.has(name))
      .map(({ name, macAddress }): NamedKind => [name, { type: "ethernet", macAddress }]),
    ...(trunk === undefined ? [] : trunkKinds(trunk)),
    ...bridged(plan).map((entry): NamedKind => {
      return [addressedName(entry), { type: "bridge", macAddress: entry.macAddress }];
    }),
    ...bridges.map((bridge): NamedKind => {
      return [bareBridgeName(bridge), { type: "bridge", macAddress: bridge.macAddress }];
    }),
  ]);
}

function trunkKinds({ name, bondSlaves, addresses, bridgedVlanIds }: Trunk): readonly NamedKind[] {
  const tagged = addresses.map(({ subnet }) => subnet.vlanId).filter((vlanId) => vlanId > 0);
  return [
    ...(bondSlaves.length === 0 ? [] : [[name, { type: "bond" }] as const]),
    ...[...tagged, ...bridgedVlanIds].map((vlanId): NamedKind => {
      return [vlanName(name, vlanId), { type: "vlan", parent: name, vlanId }];
    }),
    ...bridgedVlanIds.map((vlanId): NamedKind => [vlanBridgeName(vlanId), { type: "bridge" }]),
  ];
}

function bridged({ addresses }: TargetNetworkPlan): readonly StaticAddress[] {
  return addresses.filter(({ subnet }) => subnet.manage);
}

function placeAddresses({ addresses, trunk }: TargetNetworkPlan): readonly PlacedAddress[] {
  return [
    ...addresses.map((entry): PlacedAddress => {
      return { linkName: addressedName(entry), address: entry.address, subnet: entry.subnet };
    }),
    ...(trunk === undefined ? [] : placeTrunkAddresses(trunk)),
  ];
}

function placeTrunkAddresses({ name, addresses }: Trunk): readonly PlacedAddress[] {
  return addresses.map(({ address, subnet }) => {
    const linkName = subnet.vlanId === 0 ? name : vlanName(name, subnet.vlanId);
    return { linkName, address, subnet };
  });
}
