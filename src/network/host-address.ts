import { lookup } from "node:dns/promises";
import { InstallerError } from "../core/errors.ts";

/** An address and its family, ready for a socket. */
export interface HostAddress {
  readonly address: string;
  readonly family: 4 | 6;
}

/** The first address of `host`, which may be an address already. Rejects with E_NAME_LOOKUP. */
export async function findHostAddress(host: string): Promise<HostAddress> {
  try {
    const { address, family } = await lookup(host);
    return { address, family: family === 6 ? 6 : 4 };
  } catch (error) {
    throw new InstallerError("E_NAME_LOOKUP", `looking up the address of ${JSON.stringify(host)}`, {
      cause: error,
    });
  }
}
