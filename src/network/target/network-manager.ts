import { createHash } from "node:crypto";
import { isIPv6 } from "node:net";
import { describeLinks } from "./describe-links.ts";
import { type IniSection, renderIni } from "./ini.ts";
import { BOND, type LinkKind, type LinkResolution, type TargetLink } from "./links.ts";
import type { PresentInterface, TargetNetworkPlan } from "./plan.ts";
import { CREATED_BY, type TargetFile } from "./target-file.ts";

/** Where NetworkManager reads the administrator's connections, in the new system. */
export const KEYFILE_DIRECTORY = "etc/NetworkManager/system-connections";

const SETTINGS_PATH = "etc/NetworkManager/conf.d/90-installer.conf";

/** NetworkManager would ask DHCP on every other interface; the plan wants nothing of them (NetworkManager.conf(5)). */
const SETTINGS: IniSection = { name: "main", entries: [["no-auto-default", "*"]] };

/** The keyfiles of NetworkManager (nm-settings-keyfile(5)); it ignores files that others than root could read. */
export function renderNetworkManager(
  plan: TargetNetworkPlan,
  interfaces: readonly PresentInterface[],
): readonly TargetFile[] {
  const links = describeLinks(plan, interfaces);
  return [
    ...links.map((link) => ({
      path: `${KEYFILE_DIRECTORY}/${link.name}.nmconnection`,
      text: `${CREATED_BY}\n${renderIni(connectionSections(link, links))}`,
      mode: 0o600,
    })),
    { path: SETTINGS_PATH, text: `${CREATED_BY}\n${renderIni([SETTINGS])}`, mode: 0o644 },
  ];
}

function connectionSections(link: TargetLink, links: readonly TargetLink[]): readonly IniSection[] {
  const { name, kind, master } = link;
  const masterType = links.find((other) => other.name === master)?.kind.type;
  return [
    {
      name: "connection",
      entries: [
        ["id", name],
        ["uuid", connectionUuid(name)],
        ["type", kind.type],
        ["interface-name", name],
        ...(master === undefined || masterType === undefined
          ? []
          : ([
              ["master", master],
              ["slave-type", masterType],
            ] as const)),
      ],
    },
    ...kindSections(kind),
    // A port has no addresses of its own, and NetworkManager refuses to hear of any.
    ...(master === undefined ? addressSections(link) : []),
  ];
}

function kindSections(kind: LinkKind): readonly IniSection[] {
  switch (kind.type) {
    case "ethernet":
      return [];
    case "vlan":
      return [
        {
          name: "vlan",
          entries: [
            ["id", kind.vlanId],
            ["parent", kind.parent],
          ],
        },
      ];
    case "bridge":
      return [
        ...(kind.macAddress === undefined
          ? []
          : [{ name: "ethernet", entries: [["cloned-mac-address", kind.macAddress] as const] }]),
        { name: "bridge", entries: [["stp", "false"]] },
      ];
    case "bond":
      return [
        { name: "ethernet", entries: [["mtu", BOND.mtuBytes]] },
        {
          name: "bond",
          entries: [
            ["miimon", BOND.monitorMilliseconds],
            ["mode", BOND.mode],
            ["xmit_hash_policy", BOND.transmitHashPolicy],
          ],
        },
      ];
  }
}

/** IPv6 is left to the kernel, as ifupdown leaves it, unless a name server has an IPv6 address: it has no other place. */
function addressSections({ addresses, resolution }: TargetLink): readonly IniSection[] {
  const numbered = addresses.map((address, index) => [`address${index + 1}`, address] as const);
  const ipv6Servers = resolution?.nameServers.filter((server) => isIPv6(server)) ?? [];
  return [
    {
      name: "ipv4",
      entries: [
        ["method", addresses.length === 0 ? "disabled" : "manual"],
        ...numbered,
        ...(resolution === undefined ? [] : resolutionEntries(resolution)),
      ],
    },
    {
      name: "ipv6",
      entries: [
        ["method", ipv6Servers.length === 0 ? "ignore" : "auto"],
        ["dns", list(ipv6Servers)],
      ],
    },
  ];
}

function resolutionEntries({ gateway, nameServers, searchDomains }: LinkResolution): IniSection["entries"] {
  return [
    ["gateway", gateway],
    ["dns", list(nameServers.filter((server) => !isIPv6(server)))],
    ["dns-search", list(searchDomains)],
  ];
}

function list(values: readonly string[]): string | readonly string[] {
  return values.length === 0 ? [] : `${values.join(";")};`;
}

/** NetworkManager wants an identity for each connection; the same name gives the same one (RFC 9562 version 8). */
function connectionUuid(name: string): string {
  const hex = createHash("sha256").update(`installer ${name}`).digest("hex");
  const variant = "89ab"[Number.parseInt(hex.slice(16, 17), 16) % 4];
  return [
    hex.slice(0, 8),
    hex.slice(8, 12),
    `8${hex.slice(13, 16)}`,
    `${variant}${hex.slice(17, 20)}`,
    hex.slice(20, 32),
  ].join("-");
}
