import { InstallerError, messageChain } from "../../core/errors.ts";
import type { Interfaces, NetworkInterface } from "../../system/interfaces.ts";
import type { Sockets } from "../../system/sockets.ts";
import { type DhcpClientPorts, requestLease } from "./client.ts";
import { type DhcpLease, formatLeaseMask } from "./lease.ts";
import { RequestTurns } from "./request-turns.ts";
import { makeDhcpTransport } from "./transport.ts";

export interface AcquireLeasePorts extends DhcpClientPorts {
  readonly interfaces: Pick<Interfaces, "setUp" | "hasCarrier">;
  readonly sockets: Sockets;
}

export interface AcquireLeaseOptions {
  /** The interfaces to try, all at once. */
  readonly interfaces: readonly NetworkInterface[];
  /** Default 5 minutes. */
  readonly timeoutMs?: number;
}

const DEFAULT_TIMEOUT_MS = 5 * 60_000;
const CARRIER_POLL_MS = 100;
const CLIENT_PORT = 68;

/**
 * A lease from whichever interface has a usable answer first; the work on the others has ended when it resolves, and
 * only one address was requested. The interfaces are raised, nothing is configured.
 *
 * Rejects with E_DHCP_FAILED when there is no interface or none can be used, E_DHCP_TIMEOUT, or the abort reason.
 */
export async function acquireLease(
  ports: AcquireLeasePorts,
  options: AcquireLeaseOptions,
  signal: AbortSignal,
): Promise<DhcpLease> {
  const { log, clock } = ports;
  const { interfaces, timeoutMs = DEFAULT_TIMEOUT_MS } = options;
  if (interfaces.length === 0)
    throw new InstallerError("E_DHCP_FAILED", "requesting an address by DHCP: there is no network interface");
  log.info(`requesting an address by DHCP on: ${interfaces.map(({ name }) => name).join(" ")}`);
  const stop = new AbortController();
  const either = AbortSignal.any([signal, stop.signal]);
  const turns = new RequestTurns();
  const workers = interfaces.map((networkInterface) => runWorker(ports, networkInterface, turns, either));
  const timer = clock.sleep(timeoutMs, either).then(() => {
    throw new InstallerError("E_DHCP_TIMEOUT", "timed out waiting for DHCP");
  });
  // Stopped by `stop` in the end; only its time-out is of interest, to the race below.
  timer.catch(() => undefined);
  try {
    const lease = await Promise.race([Promise.any(workers), timer]);
    log.info(`${lease.interfaceName}: using DHCP response with address: ${lease.address}`);
    if (lease.maskIsGuessed)
      log.warn(
        `${lease.interfaceName}: no valid netmask in the response, assuming ${formatLeaseMask(lease)}`,
      );
    return lease;
  } catch (error) {
    signal.throwIfAborted();
    if (!(error instanceof AggregateError)) throw error;
    throw new InstallerError("E_DHCP_FAILED", "unable to issue DHCP request on any interface", {
      cause: error.errors[0],
    });
  } finally {
    stop.abort();
    await Promise.allSettled(workers);
  }
}

async function runWorker(
  ports: AcquireLeasePorts,
  networkInterface: NetworkInterface,
  turns: RequestTurns,
  signal: AbortSignal,
): Promise<DhcpLease> {
  const { name, macAddress } = networkInterface;
  try {
    await ports.interfaces.setUp(name, true);
    await awaitCarrier(ports, name, signal);
    const socket = await ports.sockets.openUdpOnInterface(name, CLIENT_PORT);
    await using transport = makeDhcpTransport(socket);
    const client = { interfaceName: name, macAddress, transport, beginRequest: turns.take.bind(turns) };
    return await requestLease(client, ports, signal);
  } catch (error) {
    if (!signal.aborted) ports.log.warn(`${name}: requesting an address by DHCP: ${messageChain(error)}`);
    throw error;
  }
}

/** A cable may be plugged in, or a switch port wake up, at any time: the limit is the caller's. */
async function awaitCarrier(ports: AcquireLeasePorts, name: string, signal: AbortSignal): Promise<void> {
  if (await ports.interfaces.hasCarrier(name)) return;
  ports.log.info(`${name}: waiting for carrier`);
  do {
    await ports.clock.sleep(CARRIER_POLL_MS, signal);
  } while (!(await ports.interfaces.hasCarrier(name)));
  ports.log.info(`${name}: has carrier`);
}
