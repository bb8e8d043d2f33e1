import type { MachineNetwork, NetworkEntry } from "../network/model.ts";
import { findEntryProblems } from "./entry-problems.ts";
import type { JsonPath } from "./json-place.ts";
import { errorAt, type Problem, warningAt } from "./problem.ts";
import { findSubnetProblems } from "./subnet-problems.ts";

/** Where the network entry with this number stands; 0 is the machine's own. */
export function entryPath(index: number): JsonPath {
  return index === 0 ? ["Machine"] : ["Machine", "SecondaryNetworkEntries", index - 1];
}

/**
 * What is wrong with config.json although every value is of the right kind: addresses outside their subnets, references
 * to nothing, things that are there twice. Which interfaces the machine has is not known here.
 */
export function findMachineProblems(network: MachineNetwork): readonly Problem[] {
  return [
    ...findSubnetProblems(network.subnets),
    ...network.entries.flatMap((entry, index) =>
      // The machine's own entry may be there for its name alone.
      index === 0 && isEmpty(entry) ? [] : findEntryProblems(entry, network, entryPath(index)),
    ),
    ...findDuplicates(network.entries),
    ...wholeProblems(network),
  ];
}

function isEmpty({ ipAddress, macAddress, subnetId }: NetworkEntry): boolean {
  return ipAddress === undefined && macAddress === undefined && subnetId === "";
}

function findDuplicates(entries: readonly NetworkEntry[]): readonly Problem[] {
  return [
    ...duplicatesOf(entries, "HostMacAddress", errorAt, ({ macAddress }) => macAddress),
    ...duplicatesOf(entries, "HostIpAddress", errorAt, ({ ipAddress }) => ipAddress),
    ...duplicatesOf(entries, "Hostname", warningAt, ({ hostname }) => hostname.toLowerCase() || undefined),
  ];
}

function duplicatesOf(
  entries: readonly NetworkEntry[],
  key: string,
  problemAt: (path: JsonPath, message: string) => Problem,
  valueOf: (entry: NetworkEntry) => string | undefined,
): readonly Problem[] {
  const firstIndex = new Map<string, number>();
  return entries.flatMap((entry, index) => {
    const value = valueOf(entry);
    if (value === undefined) return [];
    const first = firstIndex.get(value);
    if (first !== undefined) {
      const owner = first === 0 ? "Machine" : `SecondaryNetworkEntries[${first - 1}]`;
      return [problemAt([...entryPath(index), key], `${value} is already the ${key} of ${owner}`)];
    }
    firstIndex.set(value, index);
    return [];
  });
}

function wholeProblems({ entries, subnets, gatewaySubnetId, hostname }: MachineNetwork): readonly Problem[] {
  const problems: Problem[] = [];
  if (gatewaySubnetId !== "" && !subnets.some(({ id }) => id === gatewaySubnetId))
    problems.push(errorAt(["Machine", "GatewaySubnetId"], `GatewaySubnetId: ${gatewaySubnetId} not found`));
  if (entries.every(({ ipAddress }) => ipAddress === undefined))
    problems.push(errorAt(["Machine"], "no HostIpAddress: the new system would have no address"));
  if (hostname === "")
    problems.push(warningAt(["Machine"], "no Hostname: the new system would have no name"));
  const trunks = entries.flatMap((entry, index) =>
    entry.vlanTrunk && entry.ipAddress !== undefined && entry.macAddress !== undefined ? [index] : [],
  );
  for (const index of trunks.slice(1))
    problems.push(errorAt([...entryPath(index), "VlanTrunk"], "VlanTrunk is set for several interfaces"));
  return problems;
}
