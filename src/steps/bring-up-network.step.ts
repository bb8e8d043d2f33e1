import { isConfigurationInjected } from "../config/fetched-configuration.ts";
import { readConfiguration } from "../config/read-configuration.ts";
import { messageChain } from "../core/errors.ts";
import type { Step, StepContext } from "../engine/step.ts";
import {
  type ActiveInterface,
  applyActiveInterface,
  planFromChoice,
  planFromLease,
  raiseInterfaces,
} from "../network/bring-up.ts";
import { acquireLease } from "../network/dhcp/acquire.ts";
import type { DhcpLease } from "../network/dhcp/lease.ts";
import { keepLease } from "../network/dhcp/lease-keeper.ts";
import { writePacketLog } from "../network/dhcp/packet-log.ts";
import { type KernelNetworkPlan, withAdditions } from "../network/kernel-arguments/plan.ts";
import type { NetworkInterface } from "../system/interfaces.ts";
import { findConfiguredInterface } from "./configured-interface.ts";
import type { InstallOptions } from "./install-options.ts";
import { applyHostname, bringUpFixed, listDhcpInterfaces, prepareKernelNetwork } from "./kernel-network.ts";
import { makeLeaseProbe } from "./try-lease.ts";

/** How this machine reaches the network while it is being installed. */
export interface NetworkState {
  readonly active: ActiveInterface;
  /** All Ethernet interfaces of the machine. */
  readonly interfaces: readonly NetworkInterface[];
  /** The configuration came with the boot medium: nothing is to be fetched. */
  readonly isConfigurationInjected: boolean;
  /** Absent when the address is a fixed one. */
  readonly lease?: DhcpLease;
  /** The boot server in `ip=` of the kernel command line. */
  readonly bootServer?: string;
}

/**
 * Raises all interfaces and gives one of them an address: the fixed one of the kernel command line, else as the
 * configuration on the boot medium says, else by DHCP.
 */
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
    const kernel = await prepareKernelNetwork(options.procDirectory, interfaces, context);
    const active = await bringUpFixed(options.procDirectory, kernel, interfaces, context);
    if (active !== undefined) {
      const server = kernel.bootServer === undefined ? {} : { bootServer: kernel.bootServer };
      return { active, interfaces, isConfigurationInjected: isInjected, ...server };
    }
    return isInjected
      ? bringUpAsConfigured(options, interfaces, context)
      : bringUpByDhcp(options, { interfaces, kernel }, context);
  },
};

async function bringUpAsConfigured(
  options: InstallOptions,
  interfaces: readonly NetworkInterface[],
  context: StepContext,
): Promise<NetworkState> {
  const { host, log } = context;
  const { machine } = await readConfiguration(host.files, options.tftpDirectory);
  await raiseInterfaces(
    { interfaces: host.interfaces, log },
    interfaces.map(({ name }) => name),
  );
  const wait = context.progress.waitFor("an interface from which the configured gateway answers");
  const choice = await findConfiguredInterface(machine, interfaces, context);
  wait[Symbol.dispose]();
  for (const note of choice.notes) log.info(note);
  const active = planFromChoice(choice);
  await applyActiveInterface({ interfaces: host.interfaces, files: host.files, log }, active);
  return { active, interfaces, isConfigurationInjected: true };
}

async function bringUpByDhcp(
  options: InstallOptions,
  {
    interfaces,
    kernel,
  }: { readonly interfaces: readonly NetworkInterface[]; readonly kernel: KernelNetworkPlan },
  context: StepContext,
): Promise<NetworkState> {
  const { host, log, progress, signal, cleanup } = context;
  await raiseInterfaces({ interfaces: host.interfaces, log }, []);
  const ports = {
    interfaces: host.interfaces,
    sockets: host.sockets,
    clock: host.clock,
    log,
    random: Math.random,
  };
  const plan = (lease: DhcpLease): ActiveInterface => withAdditions(planFromLease(lease), kernel.additions);
  const candidates = await listDhcpInterfaces(kernel, interfaces, context);
  const probe = makeLeaseProbe(options, { interfaces, plan }, context);
  const request = { interfaces: candidates, timeoutMs: options.dhcpTimeoutMs, probe };
  const wait = progress.waitFor("a DHCP server that leads to a configuration");
  const { lease, isProven } = await acquireLease(ports, request, signal);
  wait[Symbol.dispose]();
  try {
    log.info(`logged DHCP response in: ${await writePacketLog(host.files, lease)}`);
  } catch (error) {
    // The record helps a person later; it is not worth a failed installation.
    log.warn(`logging the DHCP response: ${messageChain(error)}`);
  }
  await applyHostname(
    options.procDirectory,
    { lease: lease.hostname, ipArgument: kernel.hostname },
    { host, log },
  );
  const active = plan(lease);
  if (!isProven) await applyActiveInterface({ interfaces: host.interfaces, files: host.files, log }, active);
  const macAddress = candidates.find(({ name }) => name === lease.interfaceName)?.macAddress ?? "";
  cleanup.use(keepLease(ports, macAddress, lease, signal));
  return { active, interfaces, isConfigurationInjected: false, lease };
}
