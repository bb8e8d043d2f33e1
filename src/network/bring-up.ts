import { InstallerError } from "../core/errors.ts";
import type { Logger } from "../core/logger.ts";
import type { FileSystem } from "../system/files.ts";
import type { Interfaces } from "../system/interfaces.ts";
import type { InterfaceChoice } from "./choose-interface.ts";
import type { DhcpLease } from "./dhcp/lease.ts";
import { parseMask } from "./ip-address.ts";
import { isDomainNameText, type ResolverSettings, renderResolvConf } from "./resolv-conf.ts";

/** Everything that makes one interface usable for the installation. */
export interface ActiveInterface extends ResolverSettings {
  readonly interfaceName: string;
  readonly address: string;
  readonly prefixLength: number;
  readonly gateway: string;
}

export interface BringUpPorts {
  readonly interfaces: Pick<Interfaces, "setUp" | "setAddress" | "setDefaultGateway">;
  readonly files: Pick<FileSystem, "writeFileAtomic">;
  readonly log: Logger;
}

/** The set-up that a lease asks for. A domain name that has no place in a resolv.conf is left out. */
export function planFromLease(lease: DhcpLease): ActiveInterface {
  const { interfaceName, address, prefixLength, router: gateway, nameServers, domainName = "" } = lease;
  const domain = isDomainNameText(domainName) ? { domainName } : {};
  return { interfaceName, address, prefixLength, gateway, nameServers, ...domain };
}

/** The set-up that the configuration on the boot medium asks for. */
export function planFromChoice({ interfaceName, address, subnet }: InterfaceChoice): ActiveInterface {
  const { gateway, mask, domainName, nameServers } = subnet;
  return { interfaceName, address, prefixLength: parseMask(mask) ?? 0, gateway, nameServers, domainName };
}

/** Raises `lo` and then `names`, all at once. Rejects with E_NETWORK_SETUP. */
export async function raiseInterfaces(
  { interfaces, log }: Pick<BringUpPorts, "interfaces" | "log">,
  names: readonly string[],
): Promise<void> {
  await attempt("raising lo", () => interfaces.setUp("lo", true));
  if (names.length > 0) log.info("raising interfaces");
  await Promise.all(names.map((name) => attempt(`raising ${name}`, () => interfaces.setUp(name, true))));
}

/** Gives the interface its address, the machine its default route and name servers. Rejects with E_NETWORK_SETUP. */
export async function applyActiveInterface(ports: BringUpPorts, active: ActiveInterface): Promise<void> {
  const { interfaces, files, log } = ports;
  const { interfaceName, address, prefixLength, gateway, nameServers } = active;
  await attempt(`setting ${interfaceName} to ${address}/${prefixLength}`, async () => {
    await interfaces.setUp(interfaceName, true);
    await interfaces.setAddress(interfaceName, address, prefixLength);
  });
  await attempt(`routing by way of ${gateway}`, () => interfaces.setDefaultGateway(gateway));
  log.info(`Writing /etc/resolv.conf with nameservers: [${nameServers.join(" ")}]`);
  await attempt("writing /etc/resolv.conf", () =>
    files.writeFileAtomic("/etc/resolv.conf", renderResolvConf(active)),
  );
}

async function attempt(what: string, operation: () => Promise<void>): Promise<void> {
  try {
    await operation();
  } catch (error) {
    throw new InstallerError("E_NETWORK_SETUP", what, { cause: error });
  }
}
