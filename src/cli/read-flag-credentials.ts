import { formatMilliseconds } from "../core/duration.ts";
import { messageChain } from "../core/errors.ts";
import type { Logger } from "../core/logger.ts";
import { CredentialKeeper } from "../rpc/tls/credential-keeper.ts";
import type { CredentialFiles, Credentials } from "../rpc/tls/credentials.ts";
import type { Host } from "../system/host.ts";
import type { Flags } from "./flags/installer-flags.ts";

type CredentialFlags = Pick<
  Flags,
  "CAfile" | "identityCAfile" | "certFile" | "keyFile" | "generateMissingWebcert"
>;

/**
 * The certificates that the flags name (spec/cli.md section 2). What is wrong with them is logged, and everything that
 * needs none goes on.
 */
export async function readFlagCredentials(
  host: Pick<Host, "clock" | "files">,
  flags: CredentialFlags,
  log: Logger,
): Promise<Credentials> {
  return (await openFlagCredentials(host, flags, log)).current();
}

/** The same for servers, who keep looking at the files. */
export async function openFlagCredentials(
  host: Pick<Host, "clock" | "files">,
  flags: CredentialFlags,
  log: Logger,
): Promise<CredentialKeeper> {
  const names: CredentialFiles = {
    caFile: flags.CAfile,
    identityCaFile: flags.identityCAfile,
    certificateFile: flags.certFile,
    keyFile: flags.keyFile,
    generateMissing: flags.generateMissingWebcert,
  };
  const keeper = await CredentialKeeper.open({ files: host.files, names, clock: host.clock, log });
  const credentials = keeper.current();
  for (const problem of credentials.problems) log.warn(messageChain(problem));
  for (const warning of credentials.warnings) log.warn(warning);
  if (credentials.client !== undefined)
    log.info(formatExpiry(credentials.client.expiresAtMs, host.clock.nowMs()));
  return keeper;
}

function formatExpiry(expiresAtMs: number, nowMs: number): string {
  const time = new Date(expiresAtMs)
    .toISOString()
    .replace("T", " ")
    .replace(/\.\d+Z$/, " UTC");
  const left = formatMilliseconds(Math.max(0, expiresAtMs - nowMs));
  return `Certificate expires at: ${time} (${left})`;
}
