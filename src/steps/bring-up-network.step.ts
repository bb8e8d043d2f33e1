import { isConfigurationInjected, readConfiguration } from "../config/read-configuration.ts";
import { messageChain } from "../core/errors.ts";
import { findKernelParameter } from "../core/kernel-command-line.ts";
import type { Step, StepContext } from "../engine/step.ts";
import {
  type ActiveInterface,
  applyActiveInterface,
  planFromChoice,
  planFromLease,
  raiseInterfaces,
} from "../network/bring-up.ts";
import { chooseInterface } from "../network/choose-interface.ts";
import { acquireLease } from "../network/dhcp/acquire.ts";
import type { DhcpLease } from "../network/dhcp/lease.ts";
import { writePacketLog } from "../network/dhcp/packet-log.ts";
import { chooseHostname } from "../network/hostname.ts";
import type { NetworkInterface } from "../system/interfaces.ts";
import type { InstallOptions } from "./install-options.ts";

/** How this machine reaches the network while it is being installed. */
export interface NetworkState {
  readonly active: ActiveInterface;
  /** All Ethernet interfaces of the machine. */
  readonly interfaces: readonly NetworkInterface[];
  /** Absent when the configuration came with the boot medium. */
  readonly lease?: DhcpLease;
}

/** Raises all interfaces and gives one of them an address: as the configuration on the boot medium says, else by DHCP. */
export const bringUpNetwork: Step<InstallOptions, NetworkState> = {
  id: "bring-up-network",
  title: "Bring up the network",
  destructive: false,
  async run(options, context) {
    const { host, log } = context;
    const all = await host.interfaces.list();
    const interfaces = all.filter(({ isPhysical, isBroadcast }) => isPhysical && isBroadcast);
    for (const { name, macAddress } of interfaces) log.debug(1, `found interface: ${name} ${macAddress}`);
    const isInjected = await isConfigurationInjected(host.files, options.tftpDirectory);
    return isInjected
      ? bringUpAsConfigured(options, interfaces, context)
      : bringUpByDhcp(options, interfaces, context);
  },
};

async function bringUpAsConfigured(
  options: InstallOptions,
  interfaces: readonly NetworkInterface[],
  { host, log }: StepContext,
): Promise<NetworkState> {
  const { machine } = await readConfiguration(host.files, options.tftpDirectory);
  await raiseInterfaces(
    { interfaces: host.interfaces, log },
    interfaces.map(({ name }) => name),
  );
  const choice = chooseInterface(machine, interfaces);
  for (const note of choice.notes) log.info(note);
  const active = planFromChoice(choice);
  await applyActiveInterface({ interfaces: host.interfaces, files: host.files, log }, active);
  return { active, interfaces };
}

async function bringUpByDhcp(
  options: InstallOptions,
  interfaces: readonly NetworkInterface[],
  { host, log, signal }: StepContext,
): Promise<NetworkState> {
  await raiseInterfaces({ interfaces: host.interfaces, log }, []);
  const ports = {
    interfaces: host.interfaces,
    sockets: host.sockets,
    clock: host.clock,
    log,
    random: Math.random,
  };
  const lease = await acquireLease(ports, { interfaces }, signal);
  try {
    log.info(`logged DHCP response in: ${await writePacketLog(host.files, lease)}`);
  } catch (error) {
    // The record helps a person later; it is not worth a failed installation.
    log.warn(`logging the DHCP response: ${messageChain(error)}`);
  }
  await applyHostname(options.procDirectory, lease, { host, log });
  const active = planFromLease(lease);
  await applyActiveInterface({ interfaces: host.interfaces, files: host.files, log }, active);
  return { active, interfaces, lease };
}

async function applyHostname(
  procDirectory: string,
  lease: DhcpLease,
  { host, log }: Pick<StepContext, "host" | "log">,
): Promise<void> {
  const commandLine = await host.files.readText(`${procDirectory}/cmdline`);
  const choice = chooseHostname(lease.hostname, findKernelParameter(commandLine, "hostname", "first"));
  for (const note of choice.notes) log.info(note);
  if (choice.name !== undefined) await host.interfaces.setHostname(choice.name);
}
