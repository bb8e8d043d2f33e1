import { errnoOf, InstallerError, messageChain } from "../core/errors.ts";
import type { Logger } from "../core/logger.ts";
import type { FileSystem } from "../system/files.ts";
import type { Interfaces, VlanInterface } from "../system/interfaces.ts";
import type { InterfaceChoice } from "./choose-interface.ts";
import type { DhcpLease } from "./dhcp/lease.ts";
import { parseMask } from "./ip-address.ts";
import { isDomainNameText, type ResolverSettings, renderResolvConf } from "./resolv-conf.ts";
import { type NetworkRoute, planRoutes } from "./routes.ts";

/** Everything that makes one interface usable for the installation. */
export interface ActiveInterface extends ResolverSettings {
  readonly interfaceName: string;
  readonly address: string;
  readonly prefixLength: number;
  /** Default gateway; it may lie outside the subnet. */
  readonly gateway?: string;
  /** Beside the default route. */
  readonly routes?: readonly NetworkRoute[];
  /** Bytes; absent: as the interface has it. */
  readonly mtu?: number;
}

export interface BringUpPorts {
  readonly interfaces: Pick<
    Interfaces,
    "setUp" | "setAddress" | "setDefaultGateway" | "addRoute" | "setMtu" | "createVlan"
  >;
  readonly files: Pick<FileSystem, "writeFileAtomic">;
  readonly log: Logger;
}

/** The set-up that a lease asks for. A domain name that has no place in a resolv.conf is left out. */
export function planFromLease(lease: DhcpLease): ActiveInterface {
  const { interfaceName, address, prefixLength, router: gateway, nameServers, domainName = "" } = lease;
  const { routes, mtu, searchDomains } = lease;
  return {
    interfaceName,
    address,
    prefixLength,
    gateway,
    nameServers,
    ...(isDomainNameText(domainName) ? { domainName } : {}),
    ...(routes.length === 0 ? {} : { routes }),
    ...(mtu === undefined ? {} : { mtu }),
    ...(searchDomains.length === 0 ? {} : { searchDomains }),
  };
}

/** The set-up that the configuration on the boot medium asks for. */
export function planFromChoice({ interfaceName, address, subnet }: InterfaceChoice): ActiveInterface {
  const { gateway, mask, domainName, nameServers } = subnet;
  return { interfaceName, address, prefixLength: parseMask(mask) ?? 0, gateway, nameServers, domainName };
}

/** Raises `lo` and then `names`, all at once. Rejects with E_NETWORK_SETUP. */
export async function raiseInterfaces(
  { interfaces, log }: { readonly interfaces: Pick<Interfaces, "setUp">; readonly log: Logger },
  names: readonly string[],
): Promise<void> {
  await attempt("raising lo", () => interfaces.setUp("lo", true));
  if (names.length > 0) log.info("raising interfaces");
  await Promise.all(names.map((name) => attempt(`raising ${name}`, () => interfaces.setUp(name, true))));
}

/** Makes VLAN interfaces, each on its raised parent, and raises them. Rejects with E_NETWORK_SETUP. */
export async function makeVlans(
  { interfaces, log }: Pick<BringUpPorts, "interfaces" | "log">,
  vlans: readonly VlanInterface[],
): Promise<void> {
  for (const vlan of vlans) {
    const { name, parent, vlanId } = vlan;
    log.info(`making ${name}: VLAN ${vlanId} on ${parent}`);
    await attempt(`making ${name} for VLAN ${vlanId} on ${parent}`, async () => {
      await interfaces.setUp(parent, true);
      await createOnce(interfaces, vlan);
      await interfaces.setUp(name, true);
    });
  }
}

/** Gives the interface its address, the machine its routes and name servers. Rejects with E_NETWORK_SETUP. */
export async function applyActiveInterface(ports: BringUpPorts, active: ActiveInterface): Promise<void> {
  const { interfaces, files, log } = ports;
  const { gateway, nameServers } = active;
  await applyAddress(ports, active);
  const { onLink, behindGateways } = planRoutes(active);
  await addRoutes(ports, active.interfaceName, onLink);
  if (gateway !== undefined)
    await attempt(`routing by way of ${gateway}`, () => interfaces.setDefaultGateway(gateway));
  await addRoutes(ports, active.interfaceName, behindGateways);
  log.info(`Writing /etc/resolv.conf with nameservers: [${nameServers.join(" ")}]`);
  await attempt("writing /etc/resolv.conf", () =>
    files.writeFileAtomic("/etc/resolv.conf", renderResolvConf(active)),
  );
}

/** Gives an interface that is not the active one its address and its own routes. Rejects with E_NETWORK_SETUP. */
export async function applySecondaryInterface(
  ports: Pick<BringUpPorts, "interfaces" | "log">,
  secondary: ActiveInterface,
): Promise<void> {
  await applyAddress(ports, secondary);
  const { address, prefixLength, routes = [] } = secondary;
  const { onLink, behindGateways } = planRoutes({ address, prefixLength, routes });
  await addRoutes(ports, secondary.interfaceName, [...onLink, ...behindGateways]);
}

async function applyAddress(
  { interfaces, log }: Pick<BringUpPorts, "interfaces" | "log">,
  { interfaceName, address, prefixLength, mtu }: ActiveInterface,
): Promise<void> {
  await attempt(`setting ${interfaceName} to ${address}/${prefixLength}`, async () => {
    await interfaces.setUp(interfaceName, true);
    if (mtu !== undefined) await setMtu({ interfaces, log }, interfaceName, mtu);
    await interfaces.setAddress(interfaceName, address, prefixLength);
  });
}

/** An MTU that the card cannot do is not worth a failed installation: most paths work with the one it has. */
async function setMtu(
  { interfaces, log }: Pick<BringUpPorts, "interfaces" | "log">,
  name: string,
  mtu: number,
): Promise<void> {
  try {
    await interfaces.setMtu(name, mtu);
    log.info(`${name}: MTU ${mtu}`);
  } catch (error) {
    log.warn(`${name}: setting the MTU to ${mtu}: ${messageChain(error)}`);
  }
}

/** What needs a route that cannot be made fails later and says so; the rest of the installation may do without. */
async function addRoutes(
  { interfaces, log }: Pick<BringUpPorts, "interfaces" | "log">,
  interfaceName: string,
  routes: readonly NetworkRoute[],
): Promise<void> {
  for (const { destination, prefixLength, gateway } of routes) {
    const way = gateway === "0.0.0.0" ? "on the link" : `by way of ${gateway}`;
    const what = `${interfaceName}: route to ${destination}/${prefixLength} ${way}`;
    try {
      await interfaces.addRoute({ destination, prefixLength, gateway, interfaceName });
      log.debug(1, what);
    } catch (error) {
      log.warn(`${what}: ${messageChain(error)}`);
    }
  }
}

/** There may be one already, of an installation that was tried before. */
async function createOnce(interfaces: Pick<Interfaces, "createVlan">, vlan: VlanInterface): Promise<void> {
  try {
    await interfaces.createVlan(vlan);
  } catch (error) {
    if (errnoOf(error) !== "EEXIST") throw error;
  }
}

async function attempt(what: string, operation: () => Promise<void>): Promise<void> {
  try {
    await operation();
  } catch (error) {
    throw new InstallerError("E_NETWORK_SETUP", what, { cause: error });
  }
}
