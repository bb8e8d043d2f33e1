import { ipv4Bytes, isSameNetwork } from "../network/ip-address.ts";
import type { Subnet } from "../network/model.ts";
import { errorAt, type Problem, warningAt } from "./problem.ts";

/** Addresses come here in canonical spelling. */
const IPV4 = /^\d+(?:\.\d+){3}$/;

/** What is wrong with the subnets of config.json among themselves. */
export function findSubnetProblems(subnets: readonly Subnet[]): readonly Problem[] {
  return subnets.flatMap((subnet, index) => {
    const earlier = subnets.slice(0, index);
    return [...usabilityProblems(subnet, index), ...clashProblems(subnet, index, earlier)];
  });
}

/** What an address must not be in a subnet, with the reason; undefined when it can be a machine's. */
export function findReservation(address: string, mask: string): string | undefined {
  if (!IPV4.test(address) || !IPV4.test(mask)) return undefined;
  const hostBits = ~ipv4Bytes(mask).readUInt32BE() >>> 0;
  // Point-to-point links (RFC 3021) and single addresses have neither.
  if (hostBits <= 1) return undefined;
  const host = (ipv4Bytes(address).readUInt32BE() & hostBits) >>> 0;
  if (host === 0) return `${address} is the address of the subnet itself`;
  return host === hostBits ? `${address} is the broadcast address of the subnet` : undefined;
}

function usabilityProblems({ gateway, mask }: Subnet, index: number): readonly Problem[] {
  const place = ["Subnets", index];
  if (mask === undefined) return [warningAt(place, "no IpMask: no address lies in this subnet")];
  if (gateway === undefined) return [warningAt(place, "no IpGateway: no address lies in this subnet")];
  const path = [...place, "IpGateway"];
  if (!IPV4.test(gateway))
    return [warningAt(path, `${gateway} is not an IPv4 address: no address lies in this subnet`)];
  const reservation = findReservation(gateway, mask);
  return reservation === undefined ? [] : [errorAt(path, reservation)];
}

function clashProblems(subnet: Subnet, index: number, earlier: readonly Subnet[]): readonly Problem[] {
  const problems: Problem[] = [];
  const describe = (other: Subnet): string => `Subnets[${earlier.indexOf(other)}]`;
  const sameId = earlier.find(({ id }) => id !== "" && id === subnet.id);
  if (sameId !== undefined)
    problems.push(
      warningAt(
        ["Subnets", index, "Id"],
        `${subnet.id} is also the Id of ${describe(sameId)}, which is taken`,
      ),
    );
  const sameVlan = earlier.find(({ vlanId }) => vlanId !== 0 && vlanId === subnet.vlanId);
  if (sameVlan !== undefined)
    problems.push(
      warningAt(["Subnets", index, "VlanId"], `${subnet.vlanId} is also the VlanId of ${describe(sameVlan)}`),
    );
  const overlapping = earlier.find((other) => isOverlapping(subnet, other));
  if (overlapping !== undefined)
    problems.push(
      warningAt(
        ["Subnets", index, "IpGateway"],
        `has addresses in common with ${describe(overlapping)}, to which these are taken to belong`,
      ),
    );
  return problems;
}

/** Two subnets have addresses in common when the larger one contains the other's gateway. */
function isOverlapping(left: Subnet, right: Subnet): boolean {
  if (left.gateway === undefined || right.gateway === undefined) return false;
  return [left.mask, right.mask].some(
    (mask) => mask !== undefined && isSameNetwork(left.gateway ?? "", right.gateway ?? "", mask),
  );
}
