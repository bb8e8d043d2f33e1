import { InstallerError } from "../../core/errors.ts";
import { formatQuoted } from "../../core/quote.ts";

/** Where a machine that is being installed answers. */
export interface HostAddress {
  /** Name or address, IPv6 without brackets. */
  readonly host: string;
  readonly port: number;
}

const MAX_PORT = 65_535;
/** `[address]`, `[address]:port`. */
const BRACKETED = /^\[([^[\]]+)\](?::(.*))?$/s;
/** `host`, `host:port`. */
const PLAIN = /^([^:[\]]+)(?::(.*))?$/s;
/** An IPv6 address without port, perhaps with a zone. */
const BARE_IPV6 = /^[0-9a-f:.]*:[0-9a-f:.]*:[0-9a-f:.]*(?:%.+)?$/i;

/**
 * Reads `host`, `host:port`, `[v6]`, `[v6]:port` or a bare IPv6 address. Throws E_USAGE for anything else, and for a
 * port outside 1 to 65535.
 */
export function parseHostAddress(text: string, defaultPort: number): HostAddress {
  if (/[\s/@]/.test(text)) throw notAnAddress(text);
  if (BARE_IPV6.test(text)) return { host: text, port: defaultPort };
  const [, host, port] = BRACKETED.exec(text) ?? PLAIN.exec(text) ?? [];
  if (host === undefined) throw notAnAddress(text);
  return { host, port: port === undefined ? defaultPort : parsePort(port, text) };
}

/** As people write it: `host:port`, `[v6]:port`. */
export function formatHostAddress({ host, port }: HostAddress): string {
  return host.includes(":") ? `[${host}]:${port}` : `${host}:${port}`;
}

function parsePort(digits: string, text: string): number {
  const port = /^[0-9]{1,5}$/.test(digits) ? Number(digits) : 0;
  if (port === 0 || port > MAX_PORT)
    throw new InstallerError("E_USAGE", `bad port in ${formatQuoted(text)}: it is a number from 1 to 65535`);
  return port;
}

function notAnAddress(text: string): InstallerError {
  return new InstallerError("E_USAGE", `not a host: ${formatQuoted(text)}`, {
    hint: "write HOST, HOST:PORT or [IPV6-ADDRESS]:PORT",
  });
}
