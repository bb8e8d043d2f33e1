import { X509Certificate } from "node:crypto";
import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { InstallerError } from "../../src/core/errors.ts";
import { decideAccess, type Identity } from "../../src/rpc/srpc/access.ts";
import { isMethodMatch } from "../../src/rpc/srpc/method-glob.ts";
import { parseCertificateClaims } from "../../src/rpc/tls/certificate-identity.ts";
import { parseCertificates, parseClientCredentials } from "../../src/rpc/tls/credentials.ts";
import { identityOfVerifiedChains } from "../../src/rpc/tls/peer-identity.ts";
import type { Report } from "./report.ts";

/** The cases of the set "misc" about certificates and what they allow (misc/INDEX.md). */
export async function checkAccess(vectorDirectory: string, report: Report): Promise<void> {
  const directory = join(vectorDirectory, "misc");
  for (const globs of await readCases<GlobCase>(directory, "method-globs.json"))
    await report.check(`misc/method-globs: ${globs.pattern}`, () => checkGlob(globs));
  for (const [index, access] of (await readCases<AccessCase>(directory, "method-access.json")).entries())
    await report.check(`misc/method-access: ${index + 1}`, () => checkDecision(access));
  for (const certificate of await readCases<CertificateCase>(directory, "certs.json"))
    await report.check(`misc/certs: ${certificate.name}`, () => checkCertificate(directory, certificate));
  for (const chains of await readCases<ChainCase>(directory, "cert-chains.json"))
    await report.check(`misc/cert-chains: ${chains.name}`, () => checkChains(chains));
  for (const pem of await readCases<PemCase>(directory, "pem-files.json"))
    await report.check(`misc/pem-files: ${pem.name}`, () => checkPem(pem, report));
}

interface GlobCase {
  readonly pattern: string;
  readonly matches: readonly (readonly [string, boolean])[];
}

interface AccessCase {
  readonly permittedMethods: readonly string[];
  readonly insecureServer: boolean;
  readonly username: string;
  readonly groups: readonly string[];
  readonly trustedUsers: readonly string[];
  readonly trustedGroups: readonly string[];
  readonly method: string;
  readonly hasMethodAccess: boolean;
}

interface CertificateCase {
  readonly name: string;
  readonly file: string;
  readonly username?: string;
  readonly methods?: readonly string[];
  readonly methodsError?: string;
  readonly groups?: readonly string[];
  readonly groupsError?: string;
  readonly parseError?: string;
}

interface ChainCase {
  readonly name: string;
  readonly verifiedChains: readonly (readonly string[])[];
  readonly caFileWhenIdentityCaExists?: readonly string[];
  readonly username?: string;
  readonly methods?: readonly string[];
  readonly groups?: readonly string[];
  readonly error?: string;
}

interface PemCase {
  readonly name: string;
  readonly text: string;
  readonly caFileSubjects: readonly string[];
  /** Subject of the file's certificate, when it is read as that of a client or server. */
  readonly single?: string;
  readonly singleError?: string;
}

async function readCases<T>(directory: string, name: string): Promise<readonly T[]> {
  const text = await readFile(join(directory, name), "utf8").catch(() => undefined);
  return text === undefined ? [] : (JSON.parse(text) as { readonly cases: readonly T[] }).cases;
}

function checkGlob({ pattern, matches }: GlobCase): string | undefined {
  const wrong = matches.find(([method, isMatch]) => isMethodMatch(pattern, method) !== isMatch);
  return wrong && `${wrong[0]} ${wrong[1] ? "does not match" : "matches"}`;
}

function checkDecision(vector: AccessCase): string | undefined {
  const { hasMethodAccess } = decideAccess({
    method: vector.method,
    identity: {
      userName: vector.username,
      groups: vector.groups,
      permittedMethods: vector.permittedMethods,
    },
    isInsecureServer: vector.insecureServer,
    withoutPowers: false,
    isPublic: false,
    isUnauthenticated: false,
    trustedUsers: vector.trustedUsers,
    trustedGroups: vector.trustedGroups,
  });
  return hasMethodAccess === vector.hasMethodAccess ? undefined : `access ${hasMethodAccess}`;
}

async function checkCertificate(directory: string, vector: CertificateCase): Promise<string | undefined> {
  // Not through OpenSSL, which has its own opinion about what is a certificate.
  const pem = await readFile(join(directory, vector.file), "utf8");
  const der = Buffer.from(pem.replace(/-----.*-----/g, ""), "base64");
  const expectedError = vector.parseError ?? vector.methodsError ?? vector.groupsError;
  const claims = refusalOr(() => parseCertificateClaims(der));
  if (typeof claims === "string" || expectedError !== undefined) return compareErrors(claims, expectedError);
  const { commonName, methods, groups } = claims;
  return compareIdentity({ userName: commonName, permittedMethods: methods, groups }, vector);
}

function checkChains(vector: ChainCase): string | undefined {
  const chains = vector.verifiedChains.map((chain) => chain.map((pem) => new X509Certificate(pem)));
  const roots = chains.flatMap((chain) => chain.slice(-1));
  const methodRoots = vector.caFileWhenIdentityCaExists?.map((pem) => new X509Certificate(pem));
  const anchors =
    methodRoots === undefined
      ? { methodRoots: roots, identityRoots: [] }
      : { methodRoots, identityRoots: roots };
  const identity = refusalOr(() => identityOfVerifiedChains(chains, anchors));
  if (typeof identity === "string" || vector.error !== undefined)
    return compareErrors(identity, vector.error);
  return compareIdentity(identity, vector);
}

function checkPem(vector: PemCase, report: Report): string | undefined {
  const { text, caFileSubjects, single } = vector;
  const names = parseCertificates(text, "CA file").map(({ raw }) => parseCertificateClaims(raw).commonName);
  if (!isSame(names, caFileSubjects)) return `subjects ${names.join(", ")}`;
  // What is read as a single certificate is the first; one behind a key counts as well.
  const isBehindKey = single === undefined && /^-----BEGIN (?!CERTIFICATE-)/m.test(text) && names.length > 0;
  if (isBehindKey) report.applyRule("R-TLS-KEY-FIRST");
  const refused = refusalOr(() =>
    parseClientCredentials(text, "", { certificateFile: "cert", keyFile: "key" }),
  );
  const isFound = typeof refused !== "string" || !refused.startsWith("finding a certificate");
  if (isFound !== (single !== undefined || isBehindKey))
    return isFound ? "a certificate is found" : `${refused}`;
  return single === undefined || names[0] === single ? undefined : `the certificate of ${names[0]}`;
}

/** What `parse` returns, or the text of its refusal. */
function refusalOr<T extends object>(parse: () => T): T | string {
  try {
    return parse();
  } catch (error) {
    if (error instanceof InstallerError) return error.message;
    throw error;
  }
}

/** ASN.1 error texts of the original are its library's; only our own check of entries has a text to compare. */
function compareErrors(found: object | string, expected: string | undefined): string | undefined {
  if (typeof found !== "string") return `accepted, expected ${expected}`;
  if (expected === undefined) return `refused: ${found}`;
  return !expected.startsWith("bad line") || found.endsWith(expected) ? undefined : found;
}

function compareIdentity(
  found: Identity,
  expected: Pick<ChainCase, "username" | "methods" | "groups">,
): string | undefined {
  if (found.userName !== (expected.username ?? "")) return `user name ${found.userName}`;
  if (!isSameSet(found.permittedMethods, expected.methods))
    return `methods ${found.permittedMethods.join(", ")}`;
  return isSameSet(found.groups, expected.groups) ? undefined : `groups ${found.groups.join(", ")}`;
}

function isSameSet(found: readonly string[], expected: readonly string[] = []): boolean {
  return isSame([...new Set(found)].toSorted(), expected.toSorted());
}

function isSame(found: readonly string[], expected: readonly string[]): boolean {
  return JSON.stringify(found) === JSON.stringify(expected);
}
