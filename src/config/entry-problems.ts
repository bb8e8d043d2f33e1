import type { MachineNetwork, NetworkEntry, Subnet } from "../network/model.ts";
import { findSubnet } from "../network/subnets.ts";
import type { JsonPath } from "./json-place.ts";
import { errorAt, type Problem, warningAt } from "./problem.ts";
import { findReservation } from "./subnet-problems.ts";

/** spec/network.md 2.3: the bridge is called `br@ID`. */
const MAXIMUM_BRIDGE_ID_BYTES = 9;
/** RFC 1123 section 2.1; the dots come between. */
const HOST_LABEL = /^[A-Za-z0-9](?:[A-Za-z0-9-]{0,61}[A-Za-z0-9])?$/;

/** What is wrong with one network entry and the subnets that it refers to; `path` is where the entry stands. */
export function findEntryProblems(
  entry: NetworkEntry,
  { subnets }: Pick<MachineNetwork, "subnets">,
  path: JsonPath,
): readonly Problem[] {
  return [
    ...hostnameProblems(entry, path),
    ...macProblems(entry, path),
    ...(entry.ipAddress === undefined
      ? bridgeProblems(entry, subnets, path)
      : addressProblems(entry, entry.ipAddress, subnets, path)),
  ];
}

function hostnameProblems({ hostname }: NetworkEntry, path: JsonPath): readonly Problem[] {
  const isValid = hostname === "" || hostname.split(".").every((label) => HOST_LABEL.test(label));
  return isValid
    ? []
    : [warningAt([...path, "Hostname"], `${JSON.stringify(hostname)} is not a host name (RFC 1123)`)];
}

function macProblems({ macAddress }: NetworkEntry, path: JsonPath): readonly Problem[] {
  if (macAddress === undefined) return [];
  const bytes = macAddress.split(":").map((group) => Number.parseInt(group, 16));
  const place = [...path, "HostMacAddress"];
  if (bytes.every((byte) => byte === 0)) return [errorAt(place, `${macAddress} is no interface's address`)];
  // The least significant bit of the first byte (IEEE 802).
  return ((bytes[0] ?? 0) & 1) === 1
    ? [errorAt(place, `${macAddress} is a group address, not an interface's`)]
    : [];
}

function addressProblems(
  { subnetId }: NetworkEntry,
  address: string,
  subnets: readonly Subnet[],
  path: JsonPath,
): readonly Problem[] {
  const place = [...path, "HostIpAddress"];
  const subnet = findSubnet(subnets, address);
  if (subnet === undefined) return [errorAt(place, `no matching subnet for ip=${address}`)];
  const problems: Problem[] = [];
  const reservation = findReservation(address, subnet.mask);
  if (reservation !== undefined) problems.push(errorAt(place, reservation));
  if (address === subnet.gateway)
    problems.push(errorAt(place, `${address} is the gateway of subnet ${describe(subnet)}`));
  if (subnet.manage && subnet.vlanId === 0)
    problems.push(
      errorAt(place, `subnet ${describe(subnet)} is managed but has no VlanId to name its bridge after`),
    );
  if (subnetId !== "" && subnetId !== subnet.id)
    problems.push(
      warningAt([...path, "SubnetId"], `has no effect: ${address} lies in subnet ${describe(subnet)}`),
    );
  return problems;
}

/** An entry without address makes a bridge into a managed subnet, or nothing (spec/network.md 2.3). */
function bridgeProblems(
  { macAddress, subnetId }: NetworkEntry,
  subnets: readonly Subnet[],
  path: JsonPath,
): readonly Problem[] {
  if (macAddress === undefined || subnetId === "")
    return [warningAt(path, "has no effect without HostIpAddress, or HostMacAddress and SubnetId")];
  const place = [...path, "SubnetId"];
  const subnet = subnets.find(({ id }) => id === subnetId);
  if (subnet === undefined) return [errorAt(place, `subnetId: ${subnetId} not found`)];
  if (!subnet.manage) return [errorAt(place, `subnetId: ${subnetId} is not managed`)];
  if (Buffer.byteLength(subnetId) > MAXIMUM_BRIDGE_ID_BYTES)
    return [errorAt(place, `subnetId: ${subnetId} is over ${MAXIMUM_BRIDGE_ID_BYTES} characters`)];
  return /[/.]/.test(subnetId) ? [errorAt(place, `subnetId: ${subnetId} contains '/' or '.'`)] : [];
}

function describe({ id }: Subnet): string {
  return JSON.stringify(id);
}
