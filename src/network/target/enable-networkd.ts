import { ADMINISTRATOR_UNITS, UNIT_DIRECTORIES } from "./find-software.ts";
import { type TargetReader, typeInsideTarget } from "./inside-target.ts";
import type { SymbolicLink } from "./target-file.ts";

/** What `systemctl enable systemd-networkd` links, from the `[Install]` sections of the units. */
const INSTALL_LINKS: readonly (readonly [link: string, unit: string])[] = [
  ["multi-user.target.wants/systemd-networkd.service", "systemd-networkd.service"],
  ["dbus-org.freedesktop.network1.service", "systemd-networkd.service"],
  ["sockets.target.wants/systemd-networkd.socket", "systemd-networkd.socket"],
  [
    "network-online.target.wants/systemd-networkd-wait-online.service",
    "systemd-networkd-wait-online.service",
  ],
];

/** The links that start systemd-networkd in the new system; none for units that it does not have. */
export async function listEnablingLinks(
  files: TargetReader,
  mountPoint: string,
): Promise<readonly SymbolicLink[]> {
  const links = await Promise.all(
    INSTALL_LINKS.map(async ([link, unit]) => {
      for (const directory of UNIT_DIRECTORIES) {
        if ((await typeInsideTarget(files, mountPoint, `${directory}/${unit}`)) !== undefined)
          return [{ path: `${ADMINISTRATOR_UNITS}/${link}`, target: `/${directory}/${unit}` }];
      }
      return [];
    }),
  );
  return links.flat();
}
