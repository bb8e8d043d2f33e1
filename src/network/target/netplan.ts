import { stringify } from "yaml";
import { describeLinks } from "./describe-links.ts";
import { isUnique } from "./link-files.ts";
import { BOND, type LinkKind, portsOf, type TargetLink } from "./links.ts";
import type { PresentInterface, TargetNetworkPlan } from "./plan.ts";
import { CREATED_BY, type TargetFile } from "./target-file.ts";

/** Who carries out what netplan describes. */
export type NetplanBackend = "networkd" | "NetworkManager";

/** Where netplan reads the administrator's files, in the new system. */
export const NETPLAN_DIRECTORY = "etc/netplan";

const GROUPS = { ethernet: "ethernets", bond: "bonds", vlan: "vlans", bridge: "bridges" } as const;

/**
 * The file of netplan (netplan(5)), with keys only that its versions since 0.99 know. Files with later names win where
 * they disagree, hence the name; readable by root alone, as netplan wants it.
 */
export function renderNetplan(
  plan: TargetNetworkPlan,
  interfaces: readonly PresentInterface[],
  backend: NetplanBackend,
): readonly TargetFile[] {
  const links = describeLinks(plan, interfaces);
  const network = { version: 2, renderer: backend, ...groupLinks(links, interfaces) };
  const text = `${CREATED_BY}\n${stringify({ network })}`;
  return [{ path: `${NETPLAN_DIRECTORY}/90-installer.yaml`, text, mode: 0o600 }];
}

function groupLinks(
  links: readonly TargetLink[],
  interfaces: readonly PresentInterface[],
): Readonly<Record<string, object>> {
  const groups = Object.entries(GROUPS).map(([type, group]) => {
    const members = links.filter(({ kind }) => kind.type === type);
    const definitions = members.map((link) => [link.name, define(link, links, interfaces)] as const);
    return [group, Object.fromEntries(definitions)] as const;
  });
  return Object.fromEntries(groups.filter(([, members]) => Object.keys(members).length > 0));
}

function define(
  { name, kind, addresses, resolution }: TargetLink,
  links: readonly TargetLink[],
  interfaces: readonly PresentInterface[],
): object {
  return {
    ...defineKind(name, kind, links, interfaces),
    // Said, because another file of the image may say yes.
    dhcp4: false,
    // The start of the system waits for addresses only: bridges for virtual machines may stay without carrier for ever.
    ...(addresses.length === 0 ? { optional: true } : { addresses }),
    ...(resolution === undefined
      ? {}
      : {
          routes: [{ to: "0.0.0.0/0", via: resolution.gateway }],
          nameservers: { addresses: resolution.nameServers, search: resolution.searchDomains },
        }),
  };
}

function defineKind(
  name: string,
  kind: LinkKind,
  links: readonly TargetLink[],
  interfaces: readonly PresentInterface[],
): object {
  switch (kind.type) {
    case "ethernet":
      return isUnique(kind.macAddress, interfaces)
        ? { match: { macaddress: kind.macAddress }, "set-name": name }
        : {};
    case "vlan":
      return { id: kind.vlanId, link: kind.parent };
    case "bridge": {
      const { macAddress } = kind;
      return {
        interfaces: portsOf(name, links),
        ...(macAddress === undefined ? {} : { macaddress: macAddress }),
        parameters: { stp: false },
      };
    }
    case "bond":
      return {
        interfaces: portsOf(name, links),
        mtu: BOND.mtuBytes,
        parameters: {
          mode: BOND.mode,
          "transmit-hash-policy": BOND.transmitHashPolicy,
          "mii-monitor-interval": BOND.monitorMilliseconds,
        },
      };
  }
}
