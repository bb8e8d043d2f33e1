import { renderIni } from "./ini.ts";
import type { PresentInterface } from "./plan.ts";
import { CREATED_BY, type TargetFile } from "./target-file.ts";

/** Where systemd reads the administrator's files about network devices, in the new system. */
export const SYSTEMD_NETWORK_DIRECTORY = "etc/systemd/network";

/**
 * systemd.link(5) files that give the interfaces the same names in the new system, by MAC address. `Type=ether` keeps
 * VLANs and bridges, which have the address of the interface below them, from being renamed. Interfaces that share an
 * address cannot be told apart by it and are left to the new system's own naming.
 */
export function renderLinkFiles(interfaces: readonly PresentInterface[]): readonly TargetFile[] {
  return interfaces
    .filter(({ macAddress }) => isUnique(macAddress, interfaces))
    .map(({ name, macAddress }) => {
      const text = renderIni([
        {
          name: "Match",
          entries: [
            ["MACAddress", macAddress],
            ["Type", "ether"],
          ],
        },
        {
          name: "Link",
          entries: [
            ["NamePolicy", ""],
            ["Name", name],
          ],
        },
      ]);
      return {
        path: `${SYSTEMD_NETWORK_DIRECTORY}/10-${name}.link`,
        text: `${CREATED_BY}\n${text}`,
        mode: 0o644,
      };
    });
}

/** Whether the MAC address belongs to a single one of the interfaces. */
export function isUnique(macAddress: string, interfaces: readonly PresentInterface[]): boolean {
  return interfaces.filter((present) => present.macAddress === macAddress).length === 1;
}
