import { createPrivateKey, X509Certificate } from "node:crypto";
import { errnoOf, hasCode, InstallerError, toError } from "../../core/errors.ts";
import { Secret } from "../../core/secret.ts";
import type { FileSystem } from "../../system/files.ts";
import type { TrustAnchors } from "./peer-identity.ts";
import { makeSelfSignedCertificate } from "./self-signed.ts";

/** Where certificates lie (spec/auth.md section 5.1); empty: not used. */
export interface CredentialFiles {
  readonly caFile: string;
  readonly identityCaFile: string;
  readonly certificateFile: string;
  readonly keyFile: string;
  /** Make up a server certificate when there is none (flag generateMissingWebcert); clients get none. */
  readonly generateMissing?: boolean;
}

/** Our own certificate and key, as a client shows them. */
export interface ClientCredentials {
  /** For messages: where the certificate came from. */
  readonly certificateFile: string;
  /** PEM: our certificate, then any intermediates. */
  readonly certificates: string;
  /** PEM. */
  readonly key: Secret;
  readonly expiresAtMs: number;
}

/** What a server needs to speak TLS and to judge its clients. */
export interface ServerCredentials {
  readonly certificates: string;
  readonly key: Secret;
  /** Absent: no authority is known, so that everybody stays a stranger. */
  readonly anchors?: TrustAnchors;
}

/** Credentials with which clients can be told apart. */
export type JudgingCredentials = ServerCredentials & { readonly anchors: TrustAnchors };

/** The credentials of this moment, the same object for as long as they do not change; undefined: no TLS. */
export type TlsSource = () => ServerCredentials | undefined;

/** Whether a server with `credentials` can find out who its clients are. */
export function canJudge(credentials: ServerCredentials | undefined): credentials is JudgingCredentials {
  return credentials?.anchors !== undefined;
}

export interface Credentials {
  readonly client?: ClientCredentials;
  readonly server?: ServerCredentials;
  /** Why `client` or `server` is absent. */
  readonly problems: readonly InstallerError[];
  /** What the operator should look at although it works. */
  readonly warnings: readonly string[];
}

/**
 * Reads certificate, key and authorities (spec/auth.md section 5.2 without the metadata service). Never rejects for
 * what is in the files: the programs go on without credentials and say why.
 */
export async function readCredentials(
  files: Pick<FileSystem, "readText">,
  names: CredentialFiles,
  nowMs: number,
): Promise<Credentials> {
  const problems: InstallerError[] = [];
  const collect = (error: unknown): undefined => {
    problems.push(asProblem(error));
    return undefined;
  };
  const client = await readClientCredentials(files, names).catch(collect);
  const isMissing = problems.some((problem) => hasCode(problem, "E_TLS_CERTIFICATE_MISSING"));
  const anchors = await readTrustAnchors(files, names).catch(collect);
  const warnings: string[] = [];
  if (client !== undefined) warnings.push(...formatValidityWarnings(client, nowMs));
  if (anchors?.methodRoots.length === 0)
    warnings.push(`${names.caFile} contains no certificate: no client can pass`);
  const made =
    isMissing && names.generateMissing === true ? makeSelfSignedCertificate(new Date(nowMs)) : undefined;
  const own = client ?? made;
  return {
    ...(client === undefined ? {} : { client }),
    ...(own === undefined ? {} : { server: serverCredentials(own, anchors) }),
    problems,
    warnings,
  };
}

function serverCredentials(
  { certificates, key }: Pick<ServerCredentials, "certificates" | "key">,
  anchors: TrustAnchors | undefined,
): ServerCredentials {
  return { certificates, key, ...(anchors === undefined ? {} : { anchors }) };
}

/** The certificates of a PEM text; blocks of other types are skipped. `file` is for messages. */
export function parseCertificates(text: string, file: string): readonly X509Certificate[] {
  const blocks = text.match(/-----BEGIN CERTIFICATE-----[^-]*-----END CERTIFICATE-----/g) ?? [];
  return blocks.map((block, index) => {
    try {
      return new X509Certificate(block);
    } catch (error) {
      throw unusable(`parsing certificate ${index + 1} of ${file}`, error);
    }
  });
}

/** Checks that certificate and key belong together; E_TLS_CERTIFICATE_INVALID. File names are for messages. */
export function parseClientCredentials(
  certificates: string,
  key: string,
  names: { readonly certificateFile: string; readonly keyFile: string },
): ClientCredentials {
  const [own] = parseCertificates(certificates, names.certificateFile);
  if (own === undefined) throw unusable(`finding a certificate in ${names.certificateFile}`);
  let privateKey: ReturnType<typeof createPrivateKey>;
  try {
    privateKey = createPrivateKey(key);
  } catch {
    // The reason that OpenSSL gives is of no use to anybody, and a cause could quote the file.
    throw unusable(`parsing the private key ${names.keyFile}`);
  }
  if (!own.checkPrivateKey(privateKey))
    throw unusable(`matching the private key ${names.keyFile} with the certificate ${names.certificateFile}`);
  return {
    certificateFile: names.certificateFile,
    certificates,
    key: new Secret(Buffer.from(key, "utf8")),
    expiresAtMs: own.validToDate.getTime(),
  };
}

async function readClientCredentials(
  files: Pick<FileSystem, "readText">,
  names: CredentialFiles,
): Promise<ClientCredentials> {
  const certificates = await readCredentialFile(files, names.certificateFile, "certificate");
  const key = await readCredentialFile(files, names.keyFile, "private key");
  return parseClientCredentials(certificates, key, names);
}

async function readTrustAnchors(
  files: Pick<FileSystem, "readText">,
  names: CredentialFiles,
): Promise<TrustAnchors> {
  const methodRoots = parseCertificates(
    await readCredentialFile(files, names.caFile, "certificate authority"),
    names.caFile,
  );
  if (names.identityCaFile === "") return { methodRoots, identityRoots: [] };
  const identityText = await files.readText(names.identityCaFile).catch((error: unknown) => {
    if (errnoOf(error) === "ENOENT") return "";
    throw unusable(`reading the identity authority ${names.identityCaFile}`, error);
  });
  return { methodRoots, identityRoots: parseCertificates(identityText, names.identityCaFile) };
}

/** The text of a file that must be there. An empty CA file is an authority nobody belongs to, not a missing one. */
async function readCredentialFile(
  files: Pick<FileSystem, "readText">,
  file: string,
  what: "certificate" | "private key" | "certificate authority",
): Promise<string> {
  const missing = (): InstallerError =>
    new InstallerError("E_TLS_CERTIFICATE_MISSING", `finding the ${what} ${file}`.trimEnd());
  if (file === "") throw missing();
  try {
    const text = await files.readText(file);
    if (text !== "" || what === "certificate authority") return text;
  } catch (error) {
    if (errnoOf(error) !== "ENOENT") throw unusable(`reading the ${what} ${file}`, error);
  }
  throw missing();
}

function formatValidityWarnings(client: ClientCredentials, nowMs: number): readonly string[] {
  const [own] = parseCertificates(client.certificates, client.certificateFile);
  if (own === undefined) return [];
  if (nowMs > own.validToDate.getTime())
    return [`certificate ${client.certificateFile} expired at ${own.validToDate.toISOString()}`];
  if (nowMs < own.validFromDate.getTime())
    return [`certificate ${client.certificateFile} is not valid before ${own.validFromDate.toISOString()}`];
  return [];
}

function asProblem(error: unknown): InstallerError {
  return error instanceof InstallerError ? error : unusable("loading certificates", toError(error));
}

function unusable(message: string, cause?: unknown): InstallerError {
  return new InstallerError("E_TLS_CERTIFICATE_INVALID", message, { cause });
}
