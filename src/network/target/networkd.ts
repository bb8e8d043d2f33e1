import { describeLinks } from "./describe-links.ts";
import { type IniSection, renderIni } from "./ini.ts";
import { SYSTEMD_NETWORK_DIRECTORY } from "./link-files.ts";
import { BOND, type LinkKind, type TargetLink, vlansOn } from "./links.ts";
import type { PresentInterface, TargetNetworkPlan } from "./plan.ts";
import { CREATED_BY, type TargetFile } from "./target-file.ts";

type Entry = IniSection["entries"][number];

/** The files of systemd-networkd: systemd.netdev(5) and systemd.network(5). */
export function renderNetworkd(
  plan: TargetNetworkPlan,
  interfaces: readonly PresentInterface[],
): readonly TargetFile[] {
  const links = describeLinks(plan, interfaces);
  return links.flatMap((link) => [
    ...(link.kind.type === "ethernet" ? [] : [file(`20-${link.name}.netdev`, netdev(link.name, link.kind))]),
    file(`20-${link.name}.network`, network(link, links)),
  ]);
}

function file(name: string, sections: readonly IniSection[]): TargetFile {
  const text = `${CREATED_BY}\n${renderIni(sections)}`;
  return { path: `${SYSTEMD_NETWORK_DIRECTORY}/${name}`, text, mode: 0o644 };
}

function netdev(name: string, kind: Exclude<LinkKind, { type: "ethernet" }>): readonly IniSection[] {
  const entries = (...more: readonly Entry[]): readonly Entry[] => [
    ["Name", name],
    ["Kind", kind.type],
    ...more,
  ];
  if (kind.type === "vlan") {
    return [
      { name: "NetDev", entries: entries() },
      { name: "VLAN", entries: [["Id", kind.vlanId]] },
    ];
  }
  if (kind.type === "bridge") {
    const { macAddress } = kind;
    return [
      {
        name: "NetDev",
        entries: entries(...(macAddress === undefined ? [] : [["MACAddress", macAddress] as const])),
      },
      { name: "Bridge", entries: [["STP", "no"]] },
    ];
  }
  return [
    // At the making, so that the VLANs on it and its ports take it over whatever the order they come up in.
    { name: "NetDev", entries: entries(["MTUBytes", BOND.mtuBytes]) },
    {
      name: "Bond",
      entries: [
        ["Mode", BOND.mode],
        ["TransmitHashPolicy", BOND.transmitHashPolicy],
        ["MIIMonitorSec", `${BOND.monitorMilliseconds}ms`],
      ],
    },
  ];
}

function network(link: TargetLink, links: readonly TargetLink[]): readonly IniSection[] {
  const { name, kind, master, addresses, resolution } = link;
  const masterKind = links.find((other) => other.name === master)?.kind.type;
  return [
    { name: "Match", entries: [["Name", matchPattern(name)]] },
    // The start of the system waits for addresses only: bridges for virtual machines may stay without carrier for ever.
    ...(addresses.length === 0 ? [{ name: "Link", entries: [["RequiredForOnline", "no"] as const] }] : []),
    {
      name: "Network",
      entries: [
        ["Address", addresses],
        ...(resolution === undefined
          ? []
          : ([
              ["Gateway", resolution.gateway],
              ["DNS", resolution.nameServers],
              ["Domains", resolution.searchDomains.length === 0 ? [] : resolution.searchDomains.join(" ")],
            ] as const)),
        // Devices made by the system exist whether or not a cable is plugged in; so shall their addresses.
        ...(kind.type === "ethernet" ? [] : [["ConfigureWithoutCarrier", "yes"] as const]),
        ["VLAN", vlansOn(name, links)],
        ...(master === undefined ? [] : [[masterKind === "bond" ? "Bond" : "Bridge", master] as const]),
      ],
    },
  ];
}

/** The key takes shell patterns; a character that could mean something else there stands for any one character. */
function matchPattern(name: string): string {
  return name.replaceAll(/[^A-Za-z0-9@._-]/g, "?");
}
