import { isIPv4 } from "node:net";
import { InstallerError } from "../../core/errors.ts";
import { ipv4Bytes, ipv4FromBytes, parseMask } from "../ip-address.ts";
import { parseMacAddress } from "../mac-address.ts";

/** A word `name=value` of the kernel command line. */
export interface KernelArgument {
  readonly name: string;
  readonly value: string;
}

const INTERFACE_NAME = /^[A-Za-z0-9._@-]{1,15}$/;
const DASHED_MAC = /^[0-9a-f]{2}(-[0-9a-f]{2}){5}$/i;
const MINIMUM_MTU = 68;
const MAXIMUM_MTU = 65_535;
const MAXIMUM_SHOWN = 100;

/** E_KERNEL_ARGUMENT that names the argument and says what is wrong with it. */
export function argumentError({ name, value }: KernelArgument, why: string, hint?: string): InstallerError {
  const word = `${name}=${value}`;
  return new InstallerError(
    "E_KERNEL_ARGUMENT",
    `kernel argument ${quote(word)}: ${why}`,
    hint === undefined ? {} : { hint },
  );
}

/** The address of one machine: neither 0.0.0.0 nor loopback, multicast or reserved. Throws E_KERNEL_ARGUMENT. */
export function parseHostAddress(argument: KernelArgument, text: string, field: string): string {
  if (text.includes(":") || text.includes("["))
    throw argumentError(argument, `the ${field} is an IPv6 address, and only IPv4 is supported`);
  if (!isIPv4(text))
    throw argumentError(argument, `expected an IPv4 address as ${field}, found ${quote(text)}`);
  const first = Number(text.split(".")[0]);
  if (first === 0 || first === 127 || first >= 224)
    throw argumentError(argument, `${text} cannot be a ${field}: it is not the address of one machine`);
  return text;
}

/** `24` or `255.255.255.0` as a prefix length. Throws E_KERNEL_ARGUMENT. */
export function parsePrefixLength(argument: KernelArgument, text: string, minimum: number): number {
  const prefixLength = /^\d{1,2}$/.test(text) ? Number(text) : parseMask(text);
  if (prefixLength === undefined || prefixLength < minimum || prefixLength > 32)
    throw argumentError(argument, `expected a netmask such as 255.255.255.0 or 24, found ${quote(text)}`);
  return prefixLength;
}

/** A name that the kernel accepts for an interface. Throws E_KERNEL_ARGUMENT. */
export function parseInterfaceName(argument: KernelArgument, text: string): string {
  if (!INTERFACE_NAME.test(text) || text === "." || text === "..")
    throw argumentError(
      argument,
      `expected an interface name of at most 15 characters, found ${quote(text)}`,
    );
  return text;
}

/** An interface by name, or by its MAC address with dashes (`52-54-00-12-34-56`). Throws E_KERNEL_ARGUMENT. */
export function parseInterfaceReference(argument: KernelArgument, text: string): string {
  return DASHED_MAC.test(text) ? text.toLowerCase() : parseInterfaceName(argument, text);
}

/** The MAC address that a reference stands for; undefined when it is a name. */
export function macOfReference(reference: string): string | undefined {
  return DASHED_MAC.test(reference) ? parseMacAddress(reference) : undefined;
}

/** An Ethernet address, with colons or dashes, as NetworkInterface has it. Throws E_KERNEL_ARGUMENT. */
export function parseMac(argument: KernelArgument, text: string): string {
  const mac = text.length === 17 ? parseMacAddress(text) : undefined;
  if (mac === undefined)
    throw argumentError(argument, `expected a MAC address such as 52:54:00:12:34:56, found ${quote(text)}`);
  return mac;
}

/** Bytes. Throws E_KERNEL_ARGUMENT. */
export function parseMtu(argument: KernelArgument, text: string): number {
  const mtu = /^\d{1,5}$/.test(text) ? Number(text) : 0;
  if (mtu < MINIMUM_MTU || mtu > MAXIMUM_MTU)
    throw argumentError(
      argument,
      `expected an MTU from ${MINIMUM_MTU} to ${MAXIMUM_MTU}, found ${quote(text)}`,
    );
  return mtu;
}

/** The VLAN id in an interface name: `vlan5`, `vlan0005`, `eth0.5`, `eth0.0005`. Throws E_KERNEL_ARGUMENT. */
export function parseVlanId(argument: KernelArgument, name: string): number {
  const digits = /(?:^vlan|\.)(\d{1,4})$/.exec(name)?.[1];
  const vlanId = Number(digits ?? 0);
  if (vlanId < 1 || vlanId > 4094)
    throw argumentError(
      argument,
      `expected a VLAN id from 1 to 4094 at the end of the name, as in vlan5 or eth0.5, found ${quote(name)}`,
    );
  return vlanId;
}

/** The property `key` with what `parse` makes of a field; nothing when the field is empty. */
export function optionalField<Key extends string, Value>(
  key: Key,
  text: string,
  parse: (text: string) => Value,
): { readonly [K in Key]?: Value } {
  // The computed key widens to string; the assertion only restores what the parameters say.
  return text === "" ? {} : ({ [key]: parse(text) } as { readonly [K in Key]?: Value });
}

/** `address` without the bits beyond the prefix. */
export function networkAddress(address: string, prefixLength: number): string {
  const bits = prefixLength === 0 ? 0 : (0xffffffff << (32 - prefixLength)) >>> 0;
  const buffer = Buffer.alloc(4);
  buffer.writeUInt32BE((ipv4Bytes(address).readUInt32BE() & bits) >>> 0);
  return ipv4FromBytes(buffer);
}

/** Text from the command line in quotes, made short, and harmless to a terminal. */
export function quote(text: string): string {
  const shown = JSON.stringify(text.length > MAXIMUM_SHOWN ? `${text.slice(0, MAXIMUM_SHOWN)}…` : text);
  // JSON leaves DEL and the C1 controls as they are.
  return shown.replaceAll(
    /\p{Cc}/gu,
    (control) => `\\u${control.charCodeAt(0).toString(16).padStart(4, "0")}`,
  );
}
