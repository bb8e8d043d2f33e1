import type { ServerAddress } from "../config/server-address.ts";
import type { ImageServerConnector } from "../steps/image-server-access.ts";
import type { Host } from "../system/host.ts";
import type { CommandContext } from "./command.ts";
import { findImageServer } from "./find-image-server.ts";
import { connectorFromFlags } from "./image-server-connector.ts";
import { readFlagCredentials } from "./read-flag-credentials.ts";

/** What the sub-commands need to talk to the image server. */
export interface ImageServerAccess {
  readonly host: Host;
  readonly server: ServerAddress;
  readonly connector: ImageServerConnector;
}

/** Reads certificates and address as the flags say; nothing is connected yet. */
export async function openImageServer({ flags, log, openHost }: CommandContext): Promise<ImageServerAccess> {
  const host = await openHost();
  const credentials = await readFlagCredentials(host, flags, log);
  const server = await findImageServer(flags, host.files);
  return { host, server, connector: connectorFromFlags(flags, credentials.client, host.clock) };
}
