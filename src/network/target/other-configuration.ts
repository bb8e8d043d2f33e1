import type { NetworkSoftware, RendererName } from "./choose-renderer.ts";
import { namesInsideTarget, type TargetReader } from "./inside-target.ts";
import { SYSTEMD_NETWORK_DIRECTORY } from "./link-files.ts";
import { NETPLAN_DIRECTORY } from "./netplan.ts";
import { KEYFILE_DIRECTORY } from "./network-manager.ts";

const IFUPDOWN_DIRECTORY = "etc/network";
const UDEV_DIRECTORY = "etc/udev/rules.d";

/**
 * Files of the image, by path, that would take part in configuring the network of the new system beside those that we
 * write (`ownPaths`). They are named to the operator and left alone: they belong to the image. Rejects with a system error.
 */
export async function findOtherConfiguration(
  files: TargetReader,
  mountPoint: string,
  renderer: RendererName,
  software: NetworkSoftware,
  ownPaths: ReadonlySet<string>,
): Promise<readonly string[]> {
  const places = listPlaces(renderer, software).filter(({ isRead }) => isRead);
  const found = await Promise.all(
    places.map(async ({ directory, pattern }) => {
      const names = await namesInsideTarget(files, mountPoint, directory);
      return names.filter((name) => pattern.test(name)).map((name) => `${directory}/${name}`);
    }),
  );
  return found.flat().filter((path) => !ownPaths.has(path));
}

interface Place {
  readonly isRead: boolean;
  readonly directory: string;
  readonly pattern: RegExp;
}

function listPlaces(renderer: RendererName, software: NetworkSoftware): readonly Place[] {
  const { ifupdown, netplan, networkd, networkManager } = software;
  const usesLinkFiles = renderer === "netplan" || renderer === "networkd";
  const usesNetworkd = usesLinkFiles || networkd === "enabled";
  const usesNetworkManager = renderer === "networkmanager" || networkManager === "enabled";
  return [
    { isRead: ifupdown, directory: IFUPDOWN_DIRECTORY, pattern: /^interfaces$/ },
    { isRead: netplan, directory: NETPLAN_DIRECTORY, pattern: /\.yaml$/ },
    { isRead: usesNetworkd, directory: SYSTEMD_NETWORK_DIRECTORY, pattern: /\.(network|netdev)$/ },
    { isRead: usesLinkFiles, directory: SYSTEMD_NETWORK_DIRECTORY, pattern: /\.link$/ },
    { isRead: usesLinkFiles, directory: UDEV_DIRECTORY, pattern: /persistent-net/ },
    { isRead: usesNetworkManager, directory: KEYFILE_DIRECTORY, pattern: /^[^.]/ },
  ];
}
