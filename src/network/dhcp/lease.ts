import { InstallerError } from "../../core/errors.ts";
import { formatMask, ipv4FromBytes, parseMask } from "../ip-address.ts";
import { type DhcpMessage, type DhcpOptions, OPTION } from "./codec.ts";

/** What a DHCP server gave this machine. Text values are as sent, not yet trusted: check before use. */
export interface DhcpLease {
  readonly interfaceName: string;
  readonly address: string;
  readonly prefixLength: number;
  /** True when the server sent no usable mask and the one of the address's class was taken. */
  readonly maskIsGuessed: boolean;
  /** The first router: the others of option 3 are alternatives, not needed for an installation. */
  readonly router: string;
  readonly nameServers: readonly string[];
  readonly domainName?: string;
  readonly hostname?: string;
  /** siaddr; absent when 0.0.0.0. */
  readonly nextServer?: string;
  /** Option 66 as sent: text by RFC 2132, but some servers send a binary address. */
  readonly tftpServerName?: Buffer;
  /** Option 150. */
  readonly tftpServerAddresses: readonly string[];
  readonly bootFileName?: string;
  readonly leaseSeconds?: number;
  readonly options: DhcpOptions;
  /** The message from `op` on, for the packet log. */
  readonly packet: Buffer;
}

const UNSPECIFIED = "0.0.0.0";

/**
 * The lease in an offer or acknowledgement. Throws E_DHCP_ANSWER when a machine cannot be installed with it: no
 * address, no router, or a name-server option that is not a whole number of addresses.
 */
export function parseLease(interfaceName: string, message: DhcpMessage, packet: Buffer): DhcpLease {
  const { options, yourAddress: address } = message;
  if (address === UNSPECIFIED) throw unusable(interfaceName, address, "with no address");
  const router = parseAddresses(options.get(OPTION.router))[0];
  if (router === undefined || router === UNSPECIFIED)
    throw unusable(interfaceName, address, "with no valid router address");
  const nameServers = options.get(OPTION.nameServers);
  if ((nameServers?.length ?? 0) % 4 !== 0)
    throw unusable(interfaceName, address, "with a truncated DNS server address");
  const mask = parseMask(parseAddresses(options.get(OPTION.subnetMask))[0] ?? "");
  const leaseTime = options.get(OPTION.leaseTime);
  return {
    interfaceName,
    address,
    prefixLength: mask ?? classPrefixLength(address),
    maskIsGuessed: mask === undefined,
    router,
    nameServers: parseAddresses(nameServers),
    ...optional("domainName", parseText(options.get(OPTION.domainName))),
    ...optional("hostname", parseText(options.get(OPTION.hostname))),
    ...optional("nextServer", message.nextServer === UNSPECIFIED ? undefined : message.nextServer),
    ...optional("tftpServerName", options.get(OPTION.tftpServerName)),
    tftpServerAddresses: parseAddresses(options.get(OPTION.tftpServerAddresses)),
    ...optional("bootFileName", parseText(options.get(OPTION.bootFileName))),
    ...optional("leaseSeconds", leaseTime?.length === 4 ? leaseTime.readUInt32BE() : undefined),
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

/** The dotted mask of the lease. */
export function formatLeaseMask(lease: DhcpLease): string {
  return formatMask(lease.prefixLength);
}

/** The whole addresses in an option value; a remainder of less than four bytes is left out. */
function parseAddresses(value: Buffer | undefined): readonly string[] {
  const count = Math.floor((value?.length ?? 0) / 4);
  return Array.from({ length: count }, (_, index) => ipv4FromBytes(value ?? Buffer.alloc(0), index * 4));
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
