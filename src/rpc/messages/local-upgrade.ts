import { bool, bytes, struct, text } from "../gob/schema.ts";

/** The built-in call that moves a local connection to a Unix socket (spec/srpc.md 7.3). */

export const localUpgradeRequestOne = struct("localUpgradeToUnixRequestOne", { ClientCookie: bytes });
export const localUpgradeResponseOne = struct("localUpgradeToUnixResponseOne", {
  Error: text,
  ServerCookie: bytes,
  SocketPathname: text,
});

export const localUpgradeRequestTwo = struct("localUpgradeToUnixRequestTwo", { SentServerCookie: bool });
export const localUpgradeResponseTwo = struct("localUpgradeToUnixResponseTwo", { Error: text });
