import { once } from "node:events";
import { hostname } from "node:os";
import { posix } from "node:path";
import { InstallerError } from "../../core/errors.ts";
import { startImageServer } from "../../imageserver/start-image-server.ts";
import { canJudge } from "../../rpc/tls/credentials.ts";
import type { CommandContext } from "../command.ts";
import type { ImageServerFlags } from "../flags/image-flags.ts";
import { readFlagCredentials } from "../read-flag-credentials.ts";

/** Serves images until interrupted. */
export async function run(
  context: CommandContext,
  _args: readonly string[],
  own: ImageServerFlags,
): Promise<number> {
  const { flags, log, signal, openHost } = context;
  const host = await openHost();
  const { server, problems } = await readFlagCredentials(host, flags, log);
  const credentials = canJudge(server) ? server : undefined;
  if (credentials === undefined && !own.allowUnauthenticatedReads && !own.permitInsecureMode) {
    throw new InstallerError("E_TLS_CERTIFICATE_MISSING", "setting up TLS", {
      cause: problems[0],
      hint: "name certificate, key and authorities with -certFile, -keyFile and -CAfile before the command, or serve everybody with -allowUnauthenticatedReads",
    });
  }
  await using listening = await startImageServer({
    imageDirectory: posix.resolve(own.imageDir),
    objectDirectory: posix.resolve(own.objectDir),
    port: own.portNum,
    ...(credentials === undefined ? {} : { credentials }),
    permitInsecureWrites: own.permitInsecureMode,
    allowUnauthenticatedReads: own.allowUnauthenticatedReads,
    trustedUsers: [...flags.srpcTrustedUsers],
    trustedGroups: flags.srpcTrustedGroups,
    hostname: hostname(),
    host,
    log,
  });
  if (credentials === undefined && own.permitInsecureMode)
    log.warn("everybody who can reach the port may add, change and delete images");
  log.info(`serving images on port ${listening.port}${credentials === undefined ? " without TLS" : ""}`);
  if (!signal.aborted) await once(signal, "abort");
  return 0;
}
