import { findKernelParameter } from "../core/kernel-command-line.ts";
import type { StepContext } from "../engine/step.ts";
import {
  type ActiveInterface,
  applyActiveInterface,
  applySecondaryInterface,
  makeVlans,
  raiseInterfaces,
} from "../network/bring-up.ts";
import { chooseHostname } from "../network/hostname.ts";
import { parseNetworkArguments } from "../network/kernel-arguments/network-arguments.ts";
import { type KernelNetworkPlan, planKernelNetwork } from "../network/kernel-arguments/plan.ts";
import type { NetworkInterface } from "../system/interfaces.ts";

/**
 * What the kernel command line in `procDirectory` wants of the interfaces; the VLAN interfaces that it asks for are
 * there afterwards. Rejects with E_KERNEL_ARGUMENT or E_NETWORK_SETUP.
 */
export async function prepareKernelNetwork(
  procDirectory: string,
  interfaces: readonly NetworkInterface[],
  { host, log }: Pick<StepContext, "host" | "log">,
): Promise<KernelNetworkPlan> {
  const commandLine = await readCommandLine(procDirectory, { host });
  const plan = planKernelNetwork(parseNetworkArguments(commandLine), interfaces);
  for (const note of plan.notes) log.warn(note);
  await makeVlans({ interfaces: host.interfaces, log }, plan.vlans);
  return plan;
}

/** The interfaces to run DHCP on: those that the kernel command line names, else all Ethernet interfaces. */
export async function listDhcpInterfaces(
  { dhcpOn }: KernelNetworkPlan,
  interfaces: readonly NetworkInterface[],
  { host }: Pick<StepContext, "host">,
): Promise<readonly NetworkInterface[]> {
  if (dhcpOn === undefined) return interfaces;
  // Again: VLAN interfaces were made since.
  const all = await host.interfaces.list();
  return all.filter(({ name }) => dhcpOn.includes(name));
}

/** Gives the interfaces the fixed addresses of the kernel command line; the result is the one to install over. */
export async function bringUpFixed(
  procDirectory: string,
  plan: KernelNetworkPlan,
  interfaces: readonly NetworkInterface[],
  { host, log }: Pick<StepContext, "host" | "log">,
): Promise<ActiveInterface | undefined> {
  const [active, ...others] = plan.fixed;
  if (active === undefined) return undefined;
  const ports = { interfaces: host.interfaces, files: host.files, log };
  await raiseInterfaces(
    ports,
    interfaces.map(({ name }) => name),
  );
  log.info(`${active.interfaceName}: using the address of the kernel command line: ${active.address}`);
  for (const other of others) await applySecondaryInterface(ports, other);
  await applyActiveInterface(ports, active);
  await applyHostname(procDirectory, { ipArgument: plan.hostname }, { host, log });
  return active;
}

/** Names the installer's environment after the lease, `hostname=` or `ip=` of the kernel command line. */
export async function applyHostname(
  procDirectory: string,
  { lease, ipArgument }: { readonly lease?: string | undefined; readonly ipArgument: string | undefined },
  { host, log }: Pick<StepContext, "host" | "log">,
): Promise<void> {
  const commandLine = await readCommandLine(procDirectory, { host });
  const parameter = findKernelParameter(commandLine, "hostname", "first");
  const choice = chooseHostname(lease, parameter, ipArgument);
  for (const note of choice.notes) log.info(note);
  if (choice.name !== undefined) await host.interfaces.setHostname(choice.name);
}

async function readCommandLine(procDirectory: string, { host }: Pick<StepContext, "host">): Promise<string> {
  return host.files.readText(`${procDirectory}/cmdline`);
}
