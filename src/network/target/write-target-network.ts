import { basename } from "node:path";
import { InstallerError } from "../../core/errors.ts";
import type { Logger } from "../../core/logger.ts";
import type { FileSystem } from "../../system/files.ts";
import type { Interfaces, NetworkInterface } from "../../system/interfaces.ts";
import type { MachineNetwork } from "../model.ts";
import { renderResolvConf } from "../resolv-conf.ts";
import { type NamedDevice, renderUdevRules, UDEV_RULES_PATH } from "../udev-rules.ts";
import { renderInterfaces } from "./ifupdown.ts";
import { type PresentInterface, planTargetNetwork, type TargetNetworkPlan } from "./plan.ts";
import { type TargetFiles, writeInsideTarget } from "./write-inside-target.ts";

export interface TargetNetworkPorts {
  readonly files: Pick<FileSystem, "readLink"> & TargetFiles;
  readonly interfaces: Pick<Interfaces, "hasCarrier" | "setUp">;
  readonly log: Logger;
}

export interface TargetNetworkOptions {
  /** Where the new root file-system is mounted, `/mnt`. */
  readonly mountPoint: string;
  readonly network: MachineNetwork;
  /** The interfaces found at the start. */
  readonly interfaces: readonly NetworkInterface[];
}

/**
 * Writes host name, interfaces, udev rules and resolv.conf of the new system (spec/network.md section 1). Interfaces
 * without carrier are taken down. Rejects with E_NETWORK_PLAN before anything is written, or E_NETWORK_WRITE.
 */
export async function writeTargetNetwork(
  ports: TargetNetworkPorts,
  options: TargetNetworkOptions,
): Promise<TargetNetworkPlan> {
  const { mountPoint, network } = options;
  const present = await probeCarriers(ports, options.interfaces);
  const plan = planTargetNetwork(network, present);
  for (const note of plan.notes) ports.log.info(note);
  const devices = await Promise.all(options.interfaces.map(({ name }) => readDevice(ports.files, name)));
  const { domainName, nameServers } = plan.defaultSubnet;
  const contents: readonly (readonly [path: string, content: string])[] = [
    ["etc/hostname", `${shortHostname(network.hostname)}\n`],
    ["etc/network/interfaces", renderInterfaces(plan)],
    [UDEV_RULES_PATH, renderUdevRules(mountPoint, devices)],
    ["etc/resolv.conf", renderResolvConf({ domainName, nameServers })],
  ];
  if (network.hostname === "") ports.log.warn("the machine has no host name");
  for (const [path, content] of contents) await writeInsideTarget(ports.files, mountPoint, path, content);
  return plan;
}

/** The part of a host name before the first dot. */
export function shortHostname(hostname: string): string {
  return hostname.split(".")[0] ?? "";
}

async function probeCarriers(
  { interfaces, log }: TargetNetworkPorts,
  candidates: readonly NetworkInterface[],
): Promise<readonly PresentInterface[]> {
  return Promise.all(
    candidates.map(async ({ name, macAddress }) => {
      const hasCarrier = await interfaces.hasCarrier(name);
      if (hasCarrier) log.debug(1, `${name} is connected`);
      // What comes of it does not matter: an interface that cannot be taken down is just as unused.
      else await interfaces.setUp(name, false).catch(() => undefined);
      return { name, macAddress, hasCarrier };
    }),
  );
}

async function readDevice(files: Pick<FileSystem, "readLink">, interfaceName: string): Promise<NamedDevice> {
  const link = `/sys/class/net/${interfaceName}/device`;
  try {
    const target = await files.readLink(link);
    return { interfaceName, busId: basename(target.toString("utf8")) };
  } catch (error) {
    throw new InstallerError("E_NETWORK_WRITE", `reading ${link}`, { cause: error });
  }
}
