import { millisecondsOf } from "../core/duration.ts";
import type { ClientCredentials } from "../rpc/tls/credentials.ts";
import { createImageServerConnector, type ImageServerConnector } from "../steps/image-server-access.ts";
import type { Clock } from "../system/power.ts";
import type { Flags } from "./flags/installer-flags.ts";

/** The connector with the time limits of the flags. */
export function connectorFromFlags(
  flags: Pick<Flags, "srpcDefaultConnectTimeout">,
  credentials: ClientCredentials | undefined,
  clock: Clock,
): ImageServerConnector {
  const connectTimeoutMs = millisecondsOf(flags.srpcDefaultConnectTimeout);
  return createImageServerConnector({ credentials, clock, connectTimeoutMs });
}
