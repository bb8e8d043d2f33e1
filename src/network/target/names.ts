import type { BareBridge, StaticAddress } from "./plan.ts";

/** The longest interface name of Linux (IFNAMSIZ without the NUL). */
const MAXIMUM_NAME_BYTES = 15;

/** The interface that carries an address: the bridge of its subnet when that is managed (spec/network.md section 3). */
export function addressedName({ interfaceName, subnet }: StaticAddress): string {
  return subnet.manage ? vlanBridgeName(subnet.vlanId) : interfaceName;
}

/** The bridge of a managed subnet. */
export function vlanBridgeName(vlanId: number): string {
  return `br${vlanId}`;
}

/** The bridge of a network entry without an address. */
export function bareBridgeName({ subnetId }: BareBridge): string {
  return `br@${subnetId}`;
}

/** A VLAN on the trunk. ifupdown takes the VLAN id from either form; the short one is for long interface names. */
export function vlanName(trunkName: string, vlanId: number): string {
  const name = `${trunkName}.${vlanId}`;
  return Buffer.byteLength(name) > MAXIMUM_NAME_BYTES ? `vlan${vlanId}` : name;
}
