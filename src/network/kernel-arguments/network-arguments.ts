import type { NetworkRoute } from "../routes.ts";
import {
  argumentError,
  type KernelArgument,
  networkAddress,
  optionalField,
  parseHostAddress,
  parseInterfaceName,
  parseInterfaceReference,
  parseMac,
  parsePrefixLength,
  parseVlanId,
} from "./fields.ts";
import { type IpArgument, parseIpArgument } from "./ip-argument.ts";

/** `vlan=NAME:INTERFACE`; the VLAN id is in the name. */
export interface VlanArgument {
  readonly argument: KernelArgument;
  readonly name: string;
  readonly parentReference: string;
  readonly vlanId: number;
}

/** `rd.route=NETWORK/MASK:[GATEWAY][:INTERFACE]`. */
export interface RouteArgument extends NetworkRoute {
  readonly argument: KernelArgument;
  readonly interfaceReference?: string;
}

/** What the kernel command line says about the network, word by word. */
export interface NetworkArguments {
  readonly ip: readonly IpArgument[];
  readonly vlans: readonly VlanArgument[];
  readonly nameServers: readonly string[];
  readonly routes: readonly RouteArgument[];
  /** `ifname=NAME:MAC`: other names for interfaces, by name. */
  readonly macOfName: ReadonlyMap<string, string>;
  /** `BOOTIF=01-MAC`: the interface that the machine was booted from. */
  readonly bootMac?: string;
  /** `bootdev=INTERFACE`: whose gateway and name servers count. */
  readonly bootInterface?: { readonly argument: KernelArgument; readonly reference: string };
}

const MAXIMUM_OF_A_KIND = 32;

/**
 * The network arguments in the text of /proc/cmdline, in dracut's syntax (dracut.cmdline(7)): `ip=`, `vlan=`,
 * `nameserver=`, `rd.route=`, `ifname=`, `bootdev=`, and pxelinux's `BOOTIF=`. All other words are passed over.
 * Throws E_KERNEL_ARGUMENT.
 */
export function parseNetworkArguments(commandLine: string): NetworkArguments {
  const words = splitWords(commandLine);
  const named = (name: string): readonly KernelArgument[] => {
    const found = words.filter((argument) => argument.name === name && argument.value !== "");
    const last = found.at(-1);
    if (last !== undefined && found.length > MAXIMUM_OF_A_KIND)
      throw argumentError(last, `there are more than ${MAXIMUM_OF_A_KIND} arguments ${name}=`);
    return found;
  };
  const bootMac = named("BOOTIF").map(parseBootMac).at(-1);
  const bootInterface = named("bootdev")
    .map((argument) => ({ argument, reference: parseInterfaceReference(argument, argument.value) }))
    .at(-1);
  return {
    ip: named("ip").map(parseIpArgument),
    vlans: named("vlan").map(parseVlan),
    nameServers: named("nameserver").map((argument) =>
      parseHostAddress(argument, argument.value, "name server"),
    ),
    routes: named("rd.route").map(parseRoute),
    macOfName: new Map(named("ifname").map(parseName)),
    ...(bootMac === undefined ? {} : { bootMac }),
    ...(bootInterface === undefined ? {} : { bootInterface }),
  };
}

function splitWords(commandLine: string): readonly KernelArgument[] {
  return commandLine.split(/\s+/).flatMap((word) => {
    const at = word.indexOf("=");
    return at < 1 ? [] : [{ name: word.slice(0, at), value: word.slice(at + 1) }];
  });
}

function parseVlan(argument: KernelArgument): VlanArgument {
  const [name = "", parent = "", ...rest] = argument.value.split(":");
  if (parent === "" || rest.length > 0)
    throw argumentError(argument, "expected NAME:INTERFACE, such as eth0.5:eth0");
  return {
    argument,
    name: parseInterfaceName(argument, name),
    parentReference: parseInterfaceReference(argument, parent),
    vlanId: parseVlanId(argument, name),
  };
}

/** Network, mask, gateway and interface. */
const ROUTE = /^([^:/]+)\/([^:/]+):([^:/]*)(?::([^:/]+))?$/;

function parseRoute(argument: KernelArgument): RouteArgument {
  if (argument.value.includes("[")) throw argumentError(argument, "IPv6 routes are not supported");
  const [, network = "", mask = "", gateway = "", device = ""] = ROUTE.exec(argument.value) ?? [];
  if (gateway === "" && device === "")
    throw argumentError(argument, "expected NETWORK/MASK:GATEWAY[:INTERFACE], such as 10.8.0.0/16:10.0.0.1");
  const prefixLength = parsePrefixLength(argument, mask, 1);
  return {
    argument,
    destination: networkAddress(parseHostAddress(argument, network, "network"), prefixLength),
    prefixLength,
    gateway: gateway === "" ? "0.0.0.0" : parseHostAddress(argument, gateway, "gateway"),
    ...optionalField("interfaceReference", device, (text) => parseInterfaceReference(argument, text)),
  };
}

function parseName(argument: KernelArgument): readonly [string, string] {
  const at = argument.value.indexOf(":");
  if (at < 1) throw argumentError(argument, "expected NAME:MAC, such as lan:52:54:00:12:34:56");
  const name = parseInterfaceName(argument, argument.value.slice(0, at));
  return [name, parseMac(argument, argument.value.slice(at + 1))];
}

/** The hardware type comes first: 01 is Ethernet. What another boot loader writes there is of no account. */
function parseBootMac({ value }: KernelArgument): string | undefined {
  return /^01-([0-9a-f]{2}(?:-[0-9a-f]{2}){5})$/i.exec(value)?.[1]?.toLowerCase().replaceAll("-", ":");
}
