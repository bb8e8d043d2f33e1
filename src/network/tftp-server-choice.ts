import type { DhcpLease } from "./dhcp/lease.ts";
import { parseIpAddress } from "./ip-address.ts";

export interface TftpServerChoice {
  /** Host name or address. */
  readonly host: string;
  /** Where it came from, for the log: `SIAddr`, `command-line` … */
  readonly origin: string;
}

export interface TftpServerSources {
  /** `-tftpServerHostname`; "" when not given. */
  readonly flag: string;
  /** Value of the last `tftpserver=` on the kernel command line. */
  readonly kernelParameter: string | undefined;
  readonly lease?: DhcpLease;
  /** The boot server in `ip=` of the kernel command line. */
  readonly bootServer?: string;
}

const HOST_NAME = /^[A-Za-z0-9]([A-Za-z0-9._-]*[A-Za-z0-9])?$/;

/**
 * The TFTP server: flag, kernel command line, boot server of a fixed address, siaddr, option 66, option 150; undefined
 * when nobody names one (spec/configuration.md 6.7, with option 66 as text first, as RFC 2132 has it, and option 150
 * added).
 */
export function chooseTftpServer(sources: TftpServerSources): TftpServerChoice | undefined {
  const { flag, kernelParameter = "", bootServer, lease } = sources;
  const candidates: readonly (readonly [string, string | undefined])[] = [
    ["command-line", flag],
    ["kernel command-line", kernelParameter],
    ["ip= of the kernel command-line", bootServer],
    ["SIAddr", lease?.nextServer],
    ["OptionTFTPServerName", parseServerName(lease?.tftpServerName)],
    ["option 150", lease?.tftpServerAddresses[0]],
  ];
  for (const [origin, host = ""] of candidates) {
    if (host !== "" && host !== "0.0.0.0") return { host, origin };
  }
  return undefined;
}

/** A name or address as text, or 4 or 16 bytes of binary address; undefined when the value is neither. */
function parseServerName(value: Buffer | undefined): string | undefined {
  if (value === undefined) return undefined;
  const text = value.toString("latin1").replace(/\0+$/, "");
  // Before the binary forms: `tftp.example.com` has sixteen bytes too, and addresses are rarely all letters.
  if (HOST_NAME.test(text) || parseIpAddress(text) !== undefined) return text;
  if (value.length === 4) return value.join(".");
  if (value.length !== 16) return undefined;
  const groups = Array.from({ length: 8 }, (_, index) => value.readUInt16BE(index * 2).toString(16));
  return parseIpAddress(groups.join(":"));
}
