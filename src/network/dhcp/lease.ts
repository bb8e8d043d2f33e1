import { InstallerError } from "../../core/errors.ts";
import { formatMask, ipv4FromBytes, parseMask } from "../ip-address.ts";
import { type ClasslessRoute, parseClasslessRoutes } from "./classless-routes.ts";
import { type DhcpMessage, type DhcpOptions, OPTION } from "./codec.ts";
import { parseDomainSearch } from "./domain-search.ts";

/** What a DHCP server gave this machine. Text values are as sent, not yet trusted: check before use. */
export interface DhcpLease {
  readonly interfaceName: string;
  readonly address: string;
  readonly prefixLength: number;
  /** True when the server sent no usable mask and the one of the address's class was taken. */
  readonly maskIsGuessed: boolean;
  /** Option 54: the server that gave the lease. */
  readonly serverIdentifier?: string;
  /** Default gateway: of option 121, else the first of option 3 (the others are alternatives that nobody needs here). */
  readonly router: string;
  /** Option 121 without default routes. */
  readonly routes: readonly ClasslessRoute[];
  /** Bytes, 576 to 65535; undefined: as the interface has it. */
  readonly mtu: number | undefined;
  readonly nameServers: readonly string[];
  readonly domainName?: string;
  /** Option 119: host names, safe to write into a file. */
  readonly searchDomains: readonly string[];
  readonly hostname?: string;
  /** siaddr; absent when 0.0.0.0. */
  readonly nextServer?: string;
  /** Option 66 as sent: text by RFC 2132, but some servers send a binary address. */
  readonly tftpServerName?: Buffer;
  /** Option 150. */
  readonly tftpServerAddresses: readonly string[];
  readonly bootFileName?: string;
  readonly leaseSeconds?: number;
  /** Option 58. */
  readonly renewalSeconds?: number;
  /** Option 59. */
  readonly rebindingSeconds?: number;
  readonly options: DhcpOptions;
  /** The message from `op` on, for the packet log. */
  readonly packet: Buffer;
}

const UNSPECIFIED = "0.0.0.0";
const MINIMUM_MTU = 576;
const NO_BYTES = Buffer.alloc(0);

/**
 * The lease in an offer or acknowledgement. Throws E_DHCP_ANSWER when a machine cannot be installed with it: no
 * address, no router, or a name-server option that is not a whole number of addresses.
 */
export function parseLease(interfaceName: string, message: DhcpMessage, packet: Buffer): DhcpLease {
  const { options, yourAddress: address } = message;
  if (address === UNSPECIFIED) throw unusable(interfaceName, address, "with no address");
  const { router, routes } = parseRouting(options);
  if (router === undefined || router === UNSPECIFIED)
    throw unusable(interfaceName, address, "with no valid router address");
  const nameServers = options.get(OPTION.nameServers);
  if ((nameServers?.length ?? 0) % 4 !== 0)
    throw unusable(interfaceName, address, "with a truncated DNS server address");
  const mask = parseMask(parseAddresses(options.get(OPTION.subnetMask))[0] ?? "");
  return {
    interfaceName,
    address,
    prefixLength: mask ?? classPrefixLength(address),
    maskIsGuessed: mask === undefined,
    ...optional("serverIdentifier", parseAddresses(options.get(OPTION.serverIdentifier))[0]),
    router,
    routes,
    mtu: parseMtu(options.get(OPTION.interfaceMtu)),
    nameServers: parseAddresses(nameServers),
    ...optional("domainName", parseText(options.get(OPTION.domainName))),
    searchDomains: parseDomainSearch(options.get(OPTION.domainSearch) ?? NO_BYTES),
    ...optional("hostname", parseText(options.get(OPTION.hostname))),
    ...optional("nextServer", message.nextServer === UNSPECIFIED ? undefined : message.nextServer),
    ...optional("tftpServerName", options.get(OPTION.tftpServerName)),
    tftpServerAddresses: parseAddresses(options.get(OPTION.tftpServerAddresses)),
    ...optional("bootFileName", parseText(options.get(OPTION.bootFileName))),
    ...optional("leaseSeconds", parseSeconds(options.get(OPTION.leaseTime))),
    ...optional("renewalSeconds", parseSeconds(options.get(OPTION.renewalTime))),
    ...optional("rebindingSeconds", parseSeconds(options.get(OPTION.rebindingTime))),
    options,
    packet,
  };
}

/** Whether the lease itself says where the configuration is, so that no better offer needs to be waited for. */
export function isTftpServerKnown(lease: DhcpLease): boolean {
  return (
    lease.nextServer !== undefined ||
    lease.tftpServerName !== undefined ||
    lease.tftpServerAddresses.length > 0
  );
}

/**
 * RFC 3442 has option 121 stand in place of option 3. Without a default route in it we still use option 3, as the original
 * does: machines whose firmware knows option 3 only are installed from the same networks.
 */
function parseRouting(options: DhcpOptions): {
  readonly router: string | undefined;
  readonly routes: readonly ClasslessRoute[];
} {
  const all = parseClasslessRoutes(options.get(OPTION.classlessRoutes) ?? NO_BYTES) ?? [];
  const defaultRoute = all.find(({ prefixLength }) => prefixLength === 0);
  return {
    router: defaultRoute?.gateway ?? parseAddresses(options.get(OPTION.router))[0],
    routes: all.filter(({ prefixLength }) => prefixLength > 0),
  };
}

/** The dotted mask of the lease. */
export function formatLeaseMask(lease: DhcpLease): string {
  return formatMask(lease.prefixLength);
}

/** The whole addresses in an option value; a remainder of less than four bytes is left out. */
function parseAddresses(value: Buffer | undefined): readonly string[] {
  const count = Math.floor((value?.length ?? 0) / 4);
  return Array.from({ length: count }, (_, index) => ipv4FromBytes(value ?? Buffer.alloc(0), index * 4));
}

function parseSeconds(value: Buffer | undefined): number | undefined {
  return value?.length === 4 ? value.readUInt32BE() : undefined;
}

/** Smaller values than every IPv4 host must accept (RFC 791) come from confused servers, and would cut packets up. */
function parseMtu(value: Buffer | undefined): number | undefined {
  const mtu = value?.length === 2 ? value.readUInt16BE() : 0;
  return mtu >= MINIMUM_MTU ? mtu : undefined;
}

/** Some servers count a final NUL into the option (RFC 2132 section 2 tells clients to cope). */
function parseText(value: Buffer | undefined): string | undefined {
  const text = value?.toString("utf8").replace(/\0+$/, "");
  return text === "" ? undefined : text;
}

/** The mask of an address before CIDR; what kernels assume when told none. */
function classPrefixLength(address: string): number {
  const first = Number(address.split(".")[0]);
  if (first < 128) return 8;
  return first < 192 ? 16 : 24;
}

function optional<Key extends string, Value>(
  key: Key,
  value: Value | undefined,
): { readonly [K in Key]?: Value } {
  // The computed key widens to string; the assertion only restores what the parameters say.
  return value === undefined ? {} : ({ [key]: value } as { readonly [K in Key]?: Value });
}

function unusable(interfaceName: string, address: string, why: string): InstallerError {
  return new InstallerError("E_DHCP_ANSWER", `${interfaceName}: ignoring response: ${address} ${why}`);
}
