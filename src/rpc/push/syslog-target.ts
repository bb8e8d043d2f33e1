import { isIP } from "node:net";
import { InstallerError } from "../../core/errors.ts";

/** Where syslog messages go. */
export interface SyslogTarget {
  readonly transport: "udp" | "tcp";
  /** A name or address, IPv6 without brackets. */
  readonly host: string;
  readonly port: number;
}

/** RFC 5426 section 3.3 and RFC 6587 section 3.2 (the port that is registered for it there). */
const DEFAULT_PORTS = { udp: 514, tcp: 601 } as const;

/** `udp://HOST[:514]` or `tcp://HOST[:601]`; throws E_USAGE. */
export function parseSyslogTarget(text: string): SyslogTarget {
  const [, scheme = "", bracketed, plain = "", digits] =
    /^(udp|tcp):\/\/(?:\[([^\]]+)\]|([^:/[\]]+))(?::(\d{1,5}))?\/?$/.exec(text) ?? [];
  const host = bracketed ?? plain;
  if (scheme === "" || !isHost(host, bracketed !== undefined))
    throw new InstallerError(
      "E_USAGE",
      `syslog target ${JSON.stringify(text)} is not udp://HOST[:PORT] or tcp://HOST[:PORT]`,
    );
  const transport = scheme === "udp" ? "udp" : "tcp";
  const port = digits === undefined ? DEFAULT_PORTS[transport] : Number(digits);
  if (port < 1 || port > 65_535)
    throw new InstallerError("E_USAGE", `syslog target ${JSON.stringify(text)}: there is no port ${port}`);
  return { transport, host, port };
}

function isHost(host: string, isBracketed: boolean): boolean {
  return isBracketed ? isIP(host) === 6 : /^[A-Za-z0-9_](?:[\w.-]{0,252})$/.test(host);
}
