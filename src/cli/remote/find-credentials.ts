import { errnoOf, InstallerError } from "../../core/errors.ts";
import { readClientCertificates } from "../../rpc/tls/client-certificates.ts";
import { type ClientCredentials, parseClientCredentials } from "../../rpc/tls/credentials.ts";
import type { Host } from "../../system/host.ts";
import { type Flags, installerFlags } from "../flags/installer-flags.ts";

const DEFAULTS = installerFlags({ effectiveUserId: 0, processId: 0 });

export interface CredentialPlaces {
  /** The flags before the command. */
  readonly flags: Pick<Flags, "certFile" | "keyFile">;
  /** Flag of the command; may begin with `$HOME`. */
  readonly certDirectory: string;
  /** Undefined when the environment does not tell. */
  readonly home: string | undefined;
}

export interface FoundCredentials {
  /** Undefined when there are none: we stay anonymous. */
  readonly client: ClientCredentials | undefined;
  /** Pairs that cannot be used. */
  readonly problems: readonly InstallerError[];
}

/**
 * Who we are: the pair that -certFile and -keyFile name, else the best of the certificate directory (spec/auth.md
 * section 6), else the pair of this machine in /etc/ssl/installer. Rejects with E_TLS_CERTIFICATE_MISSING or
 * E_TLS_CERTIFICATE_INVALID when a pair that was named cannot be used.
 */
export async function findCredentials(
  { files, clock }: Pick<Host, "files" | "clock">,
  { flags, certDirectory, home }: CredentialPlaces,
): Promise<FoundCredentials> {
  const { certFile, keyFile } = flags;
  if (certFile !== DEFAULTS.certFile.default || keyFile !== DEFAULTS.keyFile.default)
    return { client: await readPair(files, certFile, keyFile), problems: [] };
  const { usable, problems } = await readClientCertificates(
    files,
    expandHome(certDirectory, home),
    clock.nowMs(),
  );
  const [best] = usable;
  if (best !== undefined) return { client: best, problems };
  return { client: await readPair(files, certFile, keyFile).catch(() => undefined), problems };
}

/** Empty, which means no directory, when the home directory is needed and unknown. */
function expandHome(directory: string, home: string | undefined): string {
  if (!/^\$HOME(?=\/|$)/.test(directory)) return directory;
  return home === undefined || home === "" ? "" : `${home}${directory.slice("$HOME".length)}`;
}

async function readPair(
  files: Host["files"],
  certificateFile: string,
  keyFile: string,
): Promise<ClientCredentials> {
  const certificates = await readNamed(files, certificateFile, "certificate");
  const key = await readNamed(files, keyFile, "private key");
  return parseClientCredentials(certificates, key, { certificateFile, keyFile });
}

async function readNamed(files: Host["files"], path: string, what: string): Promise<string> {
  try {
    return await files.readText(path);
  } catch (cause) {
    const code = errnoOf(cause) === "ENOENT" ? "E_TLS_CERTIFICATE_MISSING" : "E_TLS_CERTIFICATE_INVALID";
    throw new InstallerError(code, `reading the ${what} ${path}`, { cause });
  }
}
