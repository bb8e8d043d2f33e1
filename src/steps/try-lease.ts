import { probeHttpSource, probeTftpSource } from "../config/probe-source.ts";
import { messageChain } from "../core/errors.ts";
import type { StepContext } from "../engine/step.ts";
import { type ActiveInterface, applyActiveInterface } from "../network/bring-up.ts";
import type { DhcpLease } from "../network/dhcp/lease.ts";
import type { ProbeLease } from "../network/dhcp/lease-search.ts";
import type { NetworkInterface } from "../system/interfaces.ts";
import { describeHttpRequest, findTftpServer, makeHttpGet } from "./configuration-source.ts";
import type { InstallOptions } from "./install-options.ts";

export interface LeaseProbeInput {
  /** All Ethernet interfaces of the machine. */
  readonly interfaces: readonly NetworkInterface[];
  /** What a lease asks of its interface. */
  readonly plan: (lease: DhcpLease) => ActiveInterface;
}

/**
 * Configures the interface of a lease and looks whether the configuration can be had that way; if not, takes the
 * address away again. Undefined with an operator's loader, since nobody knows where that looks.
 */
export function makeLeaseProbe(
  options: InstallOptions,
  { interfaces, plan }: LeaseProbeInput,
  context: StepContext,
): ProbeLease | undefined {
  if (options.configurationLoader !== "") return undefined;
  const { host, log } = context;
  return async (lease, signal) => {
    try {
      await applyActiveInterface({ interfaces: host.interfaces, files: host.files, log }, plan(lease));
      await probeSource(options, lease, interfaces, context, signal);
    } catch (error) {
      await withdraw(lease, interfaces, context);
      throw error;
    }
  };
}

async function probeSource(
  options: InstallOptions,
  lease: DhcpLease,
  interfaces: readonly NetworkInterface[],
  context: StepContext,
  signal: AbortSignal,
): Promise<void> {
  const { clock } = context.host;
  if (options.configurationBaseUrl === "") {
    const server = await findTftpServer(options, { lease }, context);
    await probeTftpSource(server.host, clock, signal);
  } else {
    const request = await describeHttpRequest(options, interfaces, context);
    await probeHttpSource(request, await makeHttpGet(context.host), clock, signal);
  }
}

/** Two interfaces in one subnet, or a route to nowhere, would spoil the next attempt. */
async function withdraw(
  { interfaceName: name, mtu }: DhcpLease,
  interfaces: readonly NetworkInterface[],
  { host, log }: StepContext,
): Promise<void> {
  try {
    await host.interfaces.clearAddress(name);
    const before = interfaces.find((entry) => entry.name === name);
    if (mtu !== undefined && before !== undefined) await host.interfaces.setMtu(name, before.mtu);
  } catch (error) {
    log.warn(`${name}: taking the address away: ${messageChain(error)}`);
  }
}
