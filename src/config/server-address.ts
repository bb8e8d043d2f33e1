import { InstallerError } from "../core/errors.ts";

/** A TCP service. */
export interface ServerAddress {
  /** Name or address, IPv6 without brackets. */
  readonly host: string;
  readonly port: number;
}

const BRACKETED = /^\[([0-9a-fA-F:.%a-z]+)\]:(\d{1,5})$/;
const PLAIN = /^([A-Za-z0-9._-]+):(\d{1,5})$/;

/** `host:port` or `[IPv6]:port`; throws E_CONFIG_VALUE, naming `origin`. */
export function parseServerAddress(origin: string, text: string): ServerAddress {
  const [, host, digits] = BRACKETED.exec(text) ?? PLAIN.exec(text) ?? [];
  const port = Number(digits);
  if (host !== undefined && port >= 1 && port <= 65_535) return { host, port };
  const why = text.includes(":") ? "is not HOST:PORT" : "has no port";
  throw new InstallerError("E_CONFIG_VALUE", `${origin}: ${JSON.stringify(text)} ${why}`, {
    hint: "write HOST:PORT, for example images.example.com:6971",
  });
}
