import type { NetworkSoftware, ServiceState } from "./choose-renderer.ts";
import { type TargetReader, typeInsideTarget } from "./inside-target.ts";

/** Where packages put their units; the second for images without merged /usr. */
export const UNIT_DIRECTORIES = ["usr/lib/systemd/system", "lib/systemd/system"] as const;

/** Where the administrator enables and masks units. */
export const ADMINISTRATOR_UNITS = "etc/systemd/system";

const PROGRAM_DIRECTORIES = ["usr/sbin", "sbin", "usr/bin"] as const;

/** Which software for the network is unpacked below `mountPoint`. Rejects with a system error. */
export async function findNetworkSoftware(files: TargetReader, mountPoint: string): Promise<NetworkSoftware> {
  const hasAny = async (paths: readonly string[]): Promise<boolean> => {
    const types = await Promise.all(paths.map((path) => typeInsideTarget(files, mountPoint, path)));
    return types.some((type) => type !== undefined);
  };
  const hasProgram = (name: string) => hasAny(PROGRAM_DIRECTORIES.map((directory) => `${directory}/${name}`));
  const service = async (unit: string): Promise<ServiceState> => {
    if (!(await hasAny(UNIT_DIRECTORIES.map((directory) => `${directory}/${unit}`)))) return "absent";
    if (await isMasked(files, mountPoint, unit)) return "masked";
    const wanted = [ADMINISTRATOR_UNITS, ...UNIT_DIRECTORIES].map(
      (directory) => `${directory}/multi-user.target.wants/${unit}`,
    );
    return (await hasAny(wanted)) ? "enabled" : "disabled";
  };
  return {
    ifupdown: (await hasProgram("ifup")) && (await hasAny(["etc/network"])),
    netplan: await hasProgram("netplan"),
    networkd: await service("systemd-networkd.service"),
    networkManager: await service("NetworkManager.service"),
  };
}

/** A unit is masked by a link to /dev/null in its place (systemctl(1)). */
async function isMasked(files: TargetReader, mountPoint: string, unit: string): Promise<boolean> {
  const path = `${ADMINISTRATOR_UNITS}/${unit}`;
  if ((await typeInsideTarget(files, mountPoint, path)) !== "symlink") return false;
  return (await files.readLink(`${mountPoint}/${path}`)).toString() === "/dev/null";
}
