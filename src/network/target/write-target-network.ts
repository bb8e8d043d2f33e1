import { basename } from "node:path";
import { InstallerError } from "../../core/errors.ts";
import type { Logger } from "../../core/logger.ts";
import type { FileSystem } from "../../system/files.ts";
import type { Interfaces, NetworkInterface } from "../../system/interfaces.ts";
import type { MachineNetwork } from "../model.ts";
import { renderResolvConf } from "../resolv-conf.ts";
import { type NamedDevice, renderUdevRules, UDEV_RULES_PATH } from "../udev-rules.ts";
import {
  chooseRenderer,
  type NetworkSoftware,
  type RendererName,
  type RequestedRenderer,
} from "./choose-renderer.ts";
import { listEnablingLinks } from "./enable-networkd.ts";
import { findNetworkSoftware } from "./find-software.ts";
import type { TargetReader } from "./inside-target.ts";
import { renderLinkFiles } from "./link-files.ts";
import { findOtherConfiguration } from "./other-configuration.ts";
import { type PresentInterface, planTargetNetwork, type TargetNetworkPlan } from "./plan.ts";
import { renderTargetNetwork } from "./render-target-network.ts";
import type { TargetFile } from "./target-file.ts";
import { linkInsideTarget, type TargetFiles, writeInsideTarget } from "./write-inside-target.ts";

export interface TargetNetworkPorts {
  readonly files: TargetReader & TargetFiles;
  readonly interfaces: Pick<Interfaces, "hasCarrier" | "setUp">;
  readonly log: Logger;
}

export interface TargetNetworkOptions {
  /** Where the new root file-system is mounted, `/mnt`. */
  readonly mountPoint: string;
  readonly network: MachineNetwork;
  /** The interfaces found at the start. */
  readonly interfaces: readonly NetworkInterface[];
  readonly renderer: RequestedRenderer;
}

/**
 * Writes host name, resolv.conf, interface names, and the configuration that the image's software reads (spec/network.md
 * section 1). Interfaces without carrier are taken down. Rejects with E_NETWORK_PLAN before anything is written, or
 * E_NETWORK_WRITE.
 */
export async function writeTargetNetwork(
  ports: TargetNetworkPorts,
  options: TargetNetworkOptions,
): Promise<TargetNetworkPlan> {
  const { files, log } = ports;
  const { mountPoint, network } = options;
  const present = await probeCarriers(ports, options.interfaces);
  const plan = planTargetNetwork(network, present);
  for (const note of plan.notes) log.info(note);
  const software = await lookInside(mountPoint, () => findNetworkSoftware(files, mountPoint));
  const renderer = selectRenderer(software, options.renderer, log);
  if (network.hostname === "") log.warn("the machine has no host name");
  const { domainName, nameServers } = plan.defaultSubnet;
  const contents: readonly TargetFile[] = [
    { path: "etc/hostname", text: `${shortHostname(network.hostname)}\n`, mode: 0o644 },
    ...renderTargetNetwork(renderer, software, plan, present),
    ...(await nameFiles(ports, renderer, options, present)),
    { path: "etc/resolv.conf", text: renderResolvConf({ domainName, nameServers }), mode: 0o644 },
  ];
  const ownPaths = new Set(contents.map(({ path }) => path));
  const others = await lookInside(mountPoint, () =>
    findOtherConfiguration(files, mountPoint, renderer, software, ownPaths),
  );
  for (const path of others)
    log.warn(`/${path} of the image may get in the way of the network configuration`);
  for (const content of contents) await writeInsideTarget(files, mountPoint, content);
  if (renderer === "networkd" && software.networkd === "disabled") {
    log.info("enabling systemd-networkd in the new system");
    const links = await lookInside(mountPoint, () => listEnablingLinks(files, mountPoint));
    for (const link of links) await linkInsideTarget(files, mountPoint, link);
  }
  return plan;
}

function selectRenderer(software: NetworkSoftware, requested: RequestedRenderer, log: Logger): RendererName {
  const { renderer, warning } = chooseRenderer(software, requested);
  if (warning !== undefined) log.warn(warning);
  // The original knows nothing else, and says nothing.
  if (renderer !== "ifupdown") log.info(`writing the network configuration for ${renderer}`);
  return renderer;
}

/** systemd's own names by MAC address go with its own network software; the rest has the rules of the original. */
async function nameFiles(
  { files }: TargetNetworkPorts,
  renderer: RendererName,
  { mountPoint, interfaces }: TargetNetworkOptions,
  present: readonly PresentInterface[],
): Promise<readonly TargetFile[]> {
  if (renderer === "networkd" || renderer === "netplan") return renderLinkFiles(present);
  const devices = await Promise.all(interfaces.map(({ name }) => readDevice(files, name)));
  return [{ path: UDEV_RULES_PATH, text: renderUdevRules(mountPoint, devices), mode: 0o644 }];
}

async function lookInside<Value>(mountPoint: string, look: () => Promise<Value>): Promise<Value> {
  try {
    return await look();
  } catch (cause) {
    throw new InstallerError("E_NETWORK_WRITE", `looking at the network software in ${mountPoint}`, {
      cause,
    });
  }
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
