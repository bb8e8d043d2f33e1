import type { NetworkInterface, VlanInterface } from "../../system/interfaces.ts";
import type { ActiveInterface } from "../bring-up.ts";
import { argumentError } from "./fields.ts";
import { InterfaceResolver } from "./interface-resolver.ts";
import type { DhcpArgument, StaticArgument } from "./ip-argument.ts";
import type { NetworkArguments } from "./network-arguments.ts";

/** What the kernel command line wants of the interfaces of this machine. */
export interface KernelNetworkPlan {
  readonly vlans: readonly VlanInterface[];
  /** Fixed addresses; the first interface is the one to install over. Not empty: there is no DHCP. */
  readonly fixed: readonly ActiveInterface[];
  /** The interfaces to run DHCP on; undefined: all Ethernet interfaces. */
  readonly dhcpOn: readonly string[] | undefined;
  /** The boot server in the second field of `ip=`. */
  readonly bootServer?: string;
  /** The host name in `ip=`; not checked. */
  readonly hostname?: string;
  /** `nameserver=` and `rd.route=`, and the MTU by interface name, for an address that comes from elsewhere. */
  readonly additions: Additions;
  /** Log lines: what was passed over, and why. */
  readonly notes: readonly string[];
}

interface Additions {
  readonly nameServers: readonly string[];
  readonly routes: readonly (NonNullable<ActiveInterface["routes"]>[number] & {
    readonly interfaceName?: string;
  })[];
  /** By interface name; "" for all. */
  readonly mtus: ReadonlyMap<string, number | undefined>;
}

/**
 * Matches the network arguments with the Ethernet interfaces of the machine. A fixed address wins over DHCP; a VLAN
 * without one gets DHCP. Throws E_KERNEL_ARGUMENT when a name or MAC address is not there or is given twice.
 */
export function planKernelNetwork(
  given: NetworkArguments,
  interfaces: readonly NetworkInterface[],
): KernelNetworkPlan {
  const resolver = new InterfaceResolver(given, interfaces);
  const vlans = given.vlans.map((vlan) => resolver.planVlan(vlan));
  const { statics, dhcps, notes } = claimInterfaces(given, resolver);
  const isFixed = statics.length > 0;
  const mtus = isFixed ? [] : dhcps.map(({ name = "", entry }) => [name, entry.mtu] as const);
  const additions: Additions = {
    nameServers: given.nameServers,
    routes: given.routes.map((route) => resolver.planRoute(route)),
    mtus: new Map(mtus),
  };
  const bootServer = statics[0]?.entry.server;
  const hostname = (statics[0] ?? dhcps[0])?.entry.hostname;
  return {
    vlans,
    fixed: statics.map(({ name, entry }) => withAdditions(planFixed(name, entry), additions)),
    dhcpOn: dhcpInterfaces(dhcps, vlans),
    ...(bootServer === undefined ? {} : { bootServer }),
    ...(hostname === undefined ? {} : { hostname }),
    additions,
    notes,
  };
}

interface Claims {
  /** That of `bootdev=` first. */
  readonly statics: readonly { readonly name: string; readonly entry: StaticArgument }[];
  readonly dhcps: readonly DhcpClaim[];
  readonly notes: readonly string[];
}

interface DhcpClaim {
  /** Undefined: any. */
  readonly name: string | undefined;
  readonly entry: DhcpArgument;
}

function claimInterfaces({ ip, bootInterface }: NetworkArguments, resolver: InterfaceResolver): Claims {
  const statics = ip
    .filter((entry) => entry.kind === "static")
    .map((entry) => ({ name: resolver.claimOne(entry), entry }));
  const dhcps = ip
    .filter((entry) => entry.kind === "dhcp")
    .map((entry) => ({ name: resolver.claim(entry), entry }));
  const boot = bootInterface === undefined ? undefined : resolver.resolveBootInterface(bootInterface);
  const unused = (statics.length > 0 ? dhcps : []).map(({ entry }) => entry.argument);
  const passedOn = ip.filter((entry) => entry.kind === "boot-loader").map(({ argument }) => argument);
  return {
    statics: statics.toSorted((a, b) => Number(b.name === boot) - Number(a.name === boot)),
    dhcps,
    notes: [
      ...passedOn.map(({ value }) => `ip=${value} names neither an interface nor a method and is not used`),
      ...unused.map(({ value }) => `ip=${value} is not used: there is a fixed address`),
    ],
  };
}

/** `active`, as a lease or configuration has it, with what the kernel command line adds: its name servers come first. */
export function withAdditions(active: ActiveInterface, additions: Additions): ActiveInterface {
  const { interfaceName, nameServers, routes = [] } = active;
  const added = additions.routes.filter((route) => (route.interfaceName ?? interfaceName) === interfaceName);
  const mtu = additions.mtus.get(interfaceName) ?? additions.mtus.get("");
  return {
    ...active,
    nameServers: [...new Set([...additions.nameServers, ...nameServers])],
    routes: [
      ...routes,
      ...added.map(({ destination, prefixLength, gateway }) => ({ destination, prefixLength, gateway })),
    ],
    ...(mtu === undefined ? {} : { mtu }),
  };
}

function planFixed(interfaceName: string, given: StaticArgument): ActiveInterface {
  const { address, prefixLength, gateway, mtu, nameServers } = given;
  return {
    interfaceName,
    address,
    prefixLength,
    ...(gateway === undefined ? {} : { gateway }),
    ...(mtu === undefined ? {} : { mtu }),
    nameServers,
  };
}

/** Named interfaces only, or else the VLANs: who makes one does not want what the untagged network answers. */
function dhcpInterfaces(
  dhcps: readonly DhcpClaim[],
  vlans: readonly VlanInterface[],
): readonly string[] | undefined {
  const named = dhcps.flatMap(({ name }) => (name === undefined ? [] : [name]));
  const unnamed = dhcps.find(({ name }) => name === undefined);
  if (named.length > 0 && unnamed !== undefined)
    throw argumentError(unnamed.entry.argument, "of several arguments ip= each needs an interface");
  if (named.length > 0) return named;
  return vlans.length > 0 ? vlans.map(({ name }) => name) : undefined;
}
