import { X509Certificate } from "node:crypto";
import { formatMilliseconds } from "../../core/duration.ts";
import { errnoOf, InstallerError } from "../../core/errors.ts";
import type { FileSystem } from "../../system/files.ts";
import { type CertificateClaims, parseCertificateClaims } from "./certificate-identity.ts";
import { type ClientCredentials, parseClientCredentials } from "./credentials.ts";

/** What the certificates of a person are worth. */
export interface ClientCertificates {
  /** The preferred first. */
  readonly usable: readonly ClientCredentials[];
  /** Why pairs that were found cannot be used (E_TLS_CERTIFICATE_INVALID). */
  readonly problems: readonly InstallerError[];
}

interface CertificatePair {
  readonly certificateFile: string;
  readonly keyFile: string;
}

const NO_CERTIFICATES: ClientCertificates = { usable: [], problems: [] };
/** A certificate with it may call everything (spec/auth.md section 6). */
const EVERY_METHOD = "*.*";

/**
 * The certificates of a person (spec/auth.md section 6): pairs `NAME.key` with `NAME.cert`, and `key.pem` with
 * `cert.pem`, in order of preference. A pair that is broken or out of date is a problem of its own and does not spoil
 * the others, unlike in the original. No directory, or an empty name, is no certificates.
 */
export async function readClientCertificates(
  files: Pick<FileSystem, "readDirectoryText" | "readText">,
  directory: string,
  nowMs: number,
): Promise<ClientCertificates> {
  if (directory === "") return NO_CERTIFICATES;
  const usable: RankedCertificate[] = [];
  const problems: InstallerError[] = [];
  for (const pair of pairsOf(directory, await readNames(files, directory))) {
    try {
      usable.push(await readPair(files, pair, nowMs));
    } catch (error) {
      problems.push(asProblem(error, pair));
    }
  }
  return { usable: usable.toSorted(byPreference).map(({ credentials }) => credentials), problems };
}

async function readNames(
  files: Pick<FileSystem, "readDirectoryText">,
  directory: string,
): Promise<readonly string[]> {
  try {
    return await files.readDirectoryText(directory);
  } catch (cause) {
    if (errnoOf(cause) === "ENOENT") return [];
    throw new InstallerError("E_TLS_CERTIFICATE_INVALID", `reading the directory ${directory}`, { cause });
  }
}

function pairsOf(directory: string, names: readonly string[]): readonly CertificatePair[] {
  const present = new Set(names);
  const pairs: CertificatePair[] = [];
  for (const name of names) {
    const certificate = name === "key.pem" ? "cert.pem" : name.replace(/(?<=.)\.key$/, ".cert");
    if (certificate === name || !present.has(certificate)) continue;
    pairs.push({ certificateFile: `${directory}/${certificate}`, keyFile: `${directory}/${name}` });
  }
  return pairs;
}

interface RankedCertificate {
  readonly credentials: ClientCredentials;
  readonly methods: readonly string[];
}

async function readPair(
  files: Pick<FileSystem, "readText">,
  pair: CertificatePair,
  nowMs: number,
): Promise<RankedCertificate> {
  const certificates = await files.readText(pair.certificateFile);
  const credentials = parseClientCredentials(certificates, await files.readText(pair.keyFile), pair);
  const own = new X509Certificate(certificates);
  checkValidity(own, pair.certificateFile, nowMs);
  return { credentials, methods: claimsOf(own).methods };
}

function claimsOf(certificate: X509Certificate): CertificateClaims {
  return parseCertificateClaims(certificate.raw);
}

function checkValidity({ validFromDate, validToDate }: X509Certificate, file: string, nowMs: number): void {
  const expiredMs = nowMs - validToDate.getTime();
  if (expiredMs > 0)
    throw new InstallerError(
      "E_TLS_CERTIFICATE_INVALID",
      `${file} expired ${formatMilliseconds(expiredMs)} ago`,
      {
        hint: "get a new certificate; if it should still be valid, check the clock of this computer",
      },
    );
  const earlyMs = validFromDate.getTime() - nowMs;
  if (earlyMs > 0)
    throw new InstallerError(
      "E_TLS_CERTIFICATE_INVALID",
      `${file} will not be valid for ${formatMilliseconds(earlyMs)}`,
      { hint: "check the clock of this computer" },
    );
}

/** Those for everything first, then those for more methods, then those that live longer. */
function byPreference(left: RankedCertificate, right: RankedCertificate): number {
  const everything = Number(isForEverything(right)) - Number(isForEverything(left));
  if (everything !== 0) return everything;
  const methods = right.methods.length - left.methods.length;
  return methods !== 0 ? methods : right.credentials.expiresAtMs - left.credentials.expiresAtMs;
}

function isForEverything({ methods }: RankedCertificate): boolean {
  return methods.includes(EVERY_METHOD);
}

function asProblem(error: unknown, { certificateFile, keyFile }: CertificatePair): InstallerError {
  if (error instanceof InstallerError && error.code === "E_TLS_CERTIFICATE_INVALID") return error;
  const message = `loading the pair ${certificateFile} and ${keyFile}`;
  return new InstallerError("E_TLS_CERTIFICATE_INVALID", message, { cause: error });
}
