/** What a network device is, in the words of rtnetlink(7). */
export type LinkKind =
  | { readonly type: "ethernet"; readonly macAddress: string }
  | { readonly type: "bond" }
  | { readonly type: "vlan"; readonly parent: string; readonly vlanId: number }
  | { readonly type: "bridge"; readonly macAddress?: string };

/** A network device of the new system with all that is to be set on it. */
export interface TargetLink {
  readonly name: string;
  readonly kind: LinkKind;
  /** The bond or bridge that this is a port of. */
  readonly master?: string;
  /** With prefix length, as in `192.168.1.2/24`. */
  readonly addresses: readonly string[];
  /** Set on one link: default route and name resolution of the new system. */
  readonly resolution?: LinkResolution;
}

/** Where packets to the rest of the world go, and where names are looked up. */
export interface LinkResolution {
  readonly gateway: string;
  readonly nameServers: readonly string[];
  readonly searchDomains: readonly string[];
}

/**
 * Settings of a bond, the same that the lines for ifupdown mean: the kernel's policy number 1 is layer3+4, and it watches
 * the carrier of 802.3ad ports every 100 ms even when nobody says so (kernel: Documentation/networking/bonding.rst).
 */
export const BOND = {
  mode: "802.3ad",
  transmitHashPolicy: "layer3+4",
  monitorMilliseconds: 100,
  mtuBytes: 9000,
} as const;

/** The devices on top of a link. */
export function vlansOn(name: string, links: readonly TargetLink[]): readonly string[] {
  return links.filter(({ kind }) => kind.type === "vlan" && kind.parent === name).map((link) => link.name);
}

/** The ports of a bond or bridge. */
export function portsOf(name: string, links: readonly TargetLink[]): readonly string[] {
  return links.filter(({ master }) => master === name).map((link) => link.name);
}
