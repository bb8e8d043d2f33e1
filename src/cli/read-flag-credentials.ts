import { formatMilliseconds } from "../core/duration.ts";
import { messageChain } from "../core/errors.ts";
import type { Logger } from "../core/logger.ts";
import { type Credentials, readCredentials } from "../rpc/tls/credentials.ts";
import type { Host } from "../system/host.ts";
import type { Flags } from "./flags/installer-flags.ts";

/**
 * The certificates that the flags name (spec/cli.md section 2). What is wrong with them is logged, and everything that
 * needs none goes on.
 */
export async function readFlagCredentials(
  host: Pick<Host, "clock" | "files">,
  flags: Pick<Flags, "CAfile" | "identityCAfile" | "certFile" | "keyFile" | "generateMissingWebcert">,
  log: Logger,
): Promise<Credentials> {
  const nowMs = host.clock.nowMs();
  const names = {
    caFile: flags.CAfile,
    identityCaFile: flags.identityCAfile,
    certificateFile: flags.certFile,
    keyFile: flags.keyFile,
    generateMissing: flags.generateMissingWebcert,
  };
  const credentials = await readCredentials(host.files, names, nowMs);
  for (const problem of credentials.problems) log.warn(messageChain(problem));
  for (const warning of credentials.warnings) log.warn(warning);
  if (credentials.client !== undefined) log.info(formatExpiry(credentials.client.expiresAtMs, nowMs));
  return credentials;
}

function formatExpiry(expiresAtMs: number, nowMs: number): string {
  const time = new Date(expiresAtMs)
    .toISOString()
    .replace("T", " ")
    .replace(/\.\d+Z$/, " UTC");
  const left = formatMilliseconds(Math.max(0, expiresAtMs - nowMs));
  return `Certificate expires at: ${time} (${left})`;
}
