import { isSameNetwork } from "./ip-address.ts";
import type { Subnet } from "./model.ts";

/** A subnet that can be put into an interface's configuration. */
export type UsableSubnet = Subnet & { readonly gateway: string; readonly mask: string };

/**
 * The first subnet, in list order, that contains `ipAddress` (spec/network.md 2.2). Unlike the original, a subnet
 * without mask or gateway contains nothing rather than everything.
 */
export function findSubnet(subnets: readonly Subnet[], ipAddress: string): UsableSubnet | undefined {
  return subnets.filter(isUsable).find(({ gateway, mask }) => isSameNetwork(ipAddress, gateway, mask));
}

function isUsable(subnet: Subnet): subnet is UsableSubnet {
  return subnet.gateway !== undefined && subnet.mask !== undefined;
}
