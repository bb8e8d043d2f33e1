import { isIPv4 } from "node:net";
import {
  argumentError,
  type KernelArgument,
  networkAddress,
  optionalField,
  parseHostAddress,
  parseInterfaceReference,
  parseMac,
  parseMtu,
  parsePrefixLength,
  quote,
} from "./fields.ts";

/** What both forms of `ip=` may say. */
interface InterfaceArgument {
  readonly argument: KernelArgument;
  /** A name, or a MAC address with dashes. */
  readonly interfaceReference?: string;
  /** Bytes. */
  readonly mtu?: number;
  /** The interface must have this address; with no name given it says which one is meant. */
  readonly macAddress?: string;
  /** As written; not checked. */
  readonly hostname?: string;
  readonly nameServers: readonly string[];
}

export interface DhcpArgument extends InterfaceArgument {
  readonly kind: "dhcp";
}

export interface StaticArgument extends InterfaceArgument {
  readonly kind: "static";
  readonly address: string;
  readonly prefixLength: number;
  readonly gateway?: string;
  /** The second field: the boot server. */
  readonly server?: string;
}

/** What a boot loader tells the kernel (pxelinux `ipappend 1`): an address without saying what to do with it. */
export interface BootLoaderArgument {
  readonly kind: "boot-loader";
  readonly argument: KernelArgument;
}

export type IpArgument = DhcpArgument | StaticArgument | BootLoaderArgument;

const DHCP_METHODS: ReadonlySet<string> = new Set(["dhcp", "on", "any", "single-dhcp"]);
const STATIC_METHODS: ReadonlySet<string> = new Set(["none", "off", "static"]);
const IPV6_METHODS: ReadonlySet<string> = new Set(["dhcp6", "auto6", "either6", "link6"]);
const OTHER_METHODS: ReadonlySet<string> = new Set(["ibft", "bootp", "rarp", "both", "link-local"]);
const MAXIMUM_FIELDS = 14;
const LONG_FIELDS = ["client", "server", "gateway", "netmask", "hostname", "interface", "method"] as const;

type LongField = (typeof LONG_FIELDS)[number];

/**
 * A value of `ip=` (dracut.cmdline(7), and the kernel's own nfsroot.txt where that agrees):
 *
 * - `dhcp`
 * - `INTERFACE:dhcp[:[MTU][:MAC]]`
 * - `CLIENT:[SERVER]:[GATEWAY]:NETMASK:[HOSTNAME]:[INTERFACE]:none[:[MTU][:MAC]]`, or `[:[DNS1][:DNS2]]` at the end
 *
 * Throws E_KERNEL_ARGUMENT.
 */
export function parseIpArgument(argument: KernelArgument): IpArgument {
  const { value } = argument;
  if (value.includes("[")) throw argumentError(argument, "IPv6 addresses are not supported");
  const fields = value.split(":");
  if (fields.length > MAXIMUM_FIELDS)
    throw argumentError(argument, `expected at most ${MAXIMUM_FIELDS} fields, found ${fields.length}`);
  const [first = "", second = ""] = fields;
  if (/^[\d.]*$/.test(first) && fields.length > 1) return parseLongForm(argument, fields);
  if (isIPv4(first)) throw argumentError(argument, "an address needs a netmask, an interface and `none`");
  if (fields.length === 1) {
    requireDhcp(argument, first);
    return { kind: "dhcp", argument, nameServers: [] };
  }
  requireDhcp(argument, second);
  const interfaceReference = parseInterfaceReference(argument, first);
  return { kind: "dhcp", argument, interfaceReference, ...parseTail(argument, fields.slice(2)) };
}

function parseLongForm(argument: KernelArgument, fields: readonly string[]): IpArgument {
  const field = (name: LongField): string => fields[LONG_FIELDS.indexOf(name)] ?? "";
  const method = field("method");
  const common = {
    argument,
    ...optionalField("interfaceReference", field("interface"), (text) =>
      parseInterfaceReference(argument, text),
    ),
    ...optionalField("hostname", field("hostname"), (text) => text),
    ...parseTail(argument, fields.slice(LONG_FIELDS.length)),
  };
  if (field("client") === "") {
    requireDhcp(argument, method);
    return { kind: "dhcp", ...common };
  }
  const names = [method, field("interface"), common.macAddress ?? ""];
  if (names.every((text) => text === "")) return { kind: "boot-loader", argument };
  requireStatic(argument, method);
  const address = parseHostAddress(argument, field("client"), "client address");
  const prefixLength = parsePrefixLength(argument, field("netmask"), 1);
  requireHostPart(argument, address, prefixLength);
  return {
    kind: "static",
    ...common,
    address,
    prefixLength,
    ...optionalField("gateway", field("gateway"), (text) => parseGateway(argument, text, address)),
    ...optionalField("server", field("server"), (text) => parseHostAddress(argument, text, "server address")),
  };
}

function parseGateway(argument: KernelArgument, text: string, address: string): string {
  const gateway = parseHostAddress(argument, text, "gateway");
  if (gateway === address) throw argumentError(argument, "the gateway is the machine itself");
  return gateway;
}

/** The fields after the method: MTU and MAC address, or name servers (and a time server, which is of no use here). */
function parseTail(
  argument: KernelArgument,
  fields: readonly string[],
): Pick<InterfaceArgument, "mtu" | "macAddress" | "nameServers"> {
  const [first = "", second = ""] = fields;
  if (isIPv4(first) || (first === "" && isIPv4(second))) {
    const given = [first, second].filter((text) => text !== "");
    return { nameServers: given.map((text) => parseHostAddress(argument, text, "name server")) };
  }
  const mac = fields.slice(1).join(":");
  return {
    ...(first === "" ? {} : { mtu: parseMtu(argument, first) }),
    ...(mac === "" ? {} : { macAddress: parseMac(argument, mac) }),
    nameServers: [],
  };
}

/** Several methods in a row (`dhcp,auto6`) are fine as long as DHCP is among them: we do that one. */
function requireDhcp(argument: KernelArgument, text: string): void {
  const methods = text.split(",");
  for (const method of methods) {
    if (STATIC_METHODS.has(method)) throw argumentError(argument, `${quote(method)} needs an address to set`);
    requireKnown(argument, method, "dhcp");
  }
  if (text !== "" && !methods.some((method) => DHCP_METHODS.has(method))) throw unsupported(argument, text);
}

function requireStatic(argument: KernelArgument, method: string): void {
  if (method === "" || STATIC_METHODS.has(method)) return;
  requireKnown(argument, method, "none");
  if (DHCP_METHODS.has(method))
    throw argumentError(
      argument,
      `an address and ${quote(method)} exclude each other; a fixed one has "none"`,
    );
  throw unsupported(argument, method);
}

function requireKnown(argument: KernelArgument, method: string, usual: string): void {
  const known = [DHCP_METHODS, STATIC_METHODS, IPV6_METHODS, OTHER_METHODS];
  if (method !== "" && !known.some((methods) => methods.has(method)))
    throw argumentError(argument, `expected a method such as ${quote(usual)}, found ${quote(method)}`);
}

function unsupported(argument: KernelArgument, method: string): Error {
  const why = IPV6_METHODS.has(method) ? "IPv6 is not supported" : "this method is not supported";
  return argumentError(argument, `${why}: ${quote(method)}`);
}

/** A mistyped address is often the network's own or the broadcast address; the kernel takes both. */
function requireHostPart(argument: KernelArgument, address: string, prefixLength: number): void {
  if (prefixLength >= 31) return;
  if (networkAddress(address, prefixLength) === address)
    throw argumentError(argument, `${address}/${prefixLength} is a network, not the address of a machine`);
  const hostBits = 2 ** (32 - prefixLength);
  const last = address.split(".").reduce((sum, part) => sum * 256 + Number(part), 0) % hostBits;
  if (last === hostBits - 1)
    throw argumentError(argument, `${address} is the broadcast address of its /${prefixLength} network`);
}
