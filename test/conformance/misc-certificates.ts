import { readFile } from "node:fs/promises";
import { join } from "node:path";
import forge from "node-forge";
import { silentLogger } from "../../src/core/logger.ts";
import { type ListeningPort, listenOnPort } from "../../src/rpc/port/listen.ts";
import { SECURE_PATH } from "../../src/rpc/srpc/endpoints.ts";
import { type Method, streamMethod } from "../../src/rpc/srpc/method.ts";
import { SrpcServer } from "../../src/rpc/srpc/server.ts";
import { parseCertificates } from "../../src/rpc/tls/credentials.ts";
import { makeTestAuthority, makeTestCertificate, type TestCertificate } from "../support/certificates.ts";
import type { Report } from "./report.ts";
import { LiveConnection } from "./srpc-connection.ts";
import { findDifference } from "./srpc-difference.ts";
import { credentialsOf } from "./srpc-parties.ts";
import { readVectors } from "./vector-text.ts";

interface CertificateCase {
  readonly name: string;
  readonly file: string;
  readonly username?: string;
  readonly methods?: readonly string[];
  readonly groups?: readonly string[];
  readonly methodsError?: string;
  readonly groupsError?: string;
  readonly parseError?: string;
  readonly refusedAtHandshake?: boolean;
}

const AUTHORITY = "Holders CA";
const IDENTITY_METHOD = "Test.Identity";

/**
 * What a server makes of clients with the recorded certificates (misc/certs.json). Their keys are not known: the subject
 * and the extensions go into certificates of an authority of ours.
 */
export async function checkCertificateHolders(vectorDirectory: string, report: Report): Promise<void> {
  const directory = join(vectorDirectory, "misc");
  const vectors = await readVectors<{ readonly cases: readonly CertificateCase[] }>(directory, "certs.json");
  if (vectors === undefined) return;
  const authority = makeTestAuthority(AUTHORITY);
  const own = makeTestCertificate({ commonName: "server" }, authority);
  const patterns = new Set(vectors.cases.flatMap(({ methods }) => methods ?? []));
  const probes = [...patterns].map((pattern) => pattern.replaceAll("*", "Any"));
  await using server = await listen(authority, own, probes);
  for (const vector of vectors.cases)
    await report.check(`misc/certs: ${vector.name}, as a client`, async () => {
      const pem = await readFile(join(directory, vector.file), "utf8");
      const holder = { certificate: reissue(pem, authority, own.key), key: own.key };
      return checkHolder(vector, await judge(server.port, holder, probes), probes);
    });
}

/** What a client learns of its rights; undefined when it gets no answer at all. */
interface Judgement {
  /** What the server says of its identity; undefined when it may not even ask. */
  readonly identity?: unknown;
  readonly allowed: readonly string[];
}

/** Every error of a certificate has the same consequence: not a byte comes back. */
function checkHolder(
  vector: CertificateCase,
  judgement: Judgement | undefined,
  probes: readonly string[],
): string | undefined {
  const { methodsError, groupsError, parseError, refusedAtHandshake } = vector;
  const isRefused = (methodsError ?? groupsError ?? parseError ?? refusedAtHandshake) !== undefined;
  if (judgement === undefined || isRefused)
    return (judgement === undefined) === isRefused ? undefined : isRefused ? "gets in" : "does not get in";
  const { username = "", groups = [], methods = [] } = vector;
  // The first name in the chain counts, be it the authority's (spec/auth.md section 2).
  const identity = { username: username === "" ? AUTHORITY : username, groups };
  const allowed = probes.filter((probe) => methods.some((pattern) => isWithin(pattern, probe)));
  return findDifference(judgement, { identity, allowed });
}

/** Of all that patterns can be, the recorded certificates have only stars. */
function isWithin(pattern: string, probe: string): boolean {
  const literal = pattern.replaceAll(/[.\\+?^${}()|[\]]/g, "\\$&");
  return new RegExp(`^${literal.replaceAll("*", "[^/]*")}$`).test(probe);
}

async function judge(
  port: number,
  holder: TestCertificate,
  probes: readonly string[],
): Promise<Judgement | undefined> {
  using plain = await LiveConnection.open(port);
  plain.send(Buffer.from(`CONNECT ${SECURE_PATH} HTTP/1.0\n\n`));
  await plain.readHead();
  using live = await plain.startTls(holder);
  if (!(await isAlive(live))) return undefined;
  const allowed: string[] = [];
  for (const probe of probes) {
    live.send(Buffer.from(`${probe}\n`, "utf8"));
    if ((await live.reader.line()) === "") allowed.push(probe);
  }
  live.send(Buffer.from(`${IDENTITY_METHOD}\n`));
  const isPublic = (await live.reader.line()) === "";
  const identity = isPublic ? { identity: JSON.parse(await live.reader.line()) as unknown } : {};
  return { ...identity, allowed };
}

/** With TLS 1.3 a refusal shows at the first read (spec/srpc.md section 4.1). */
async function isAlive(live: LiveConnection): Promise<boolean> {
  live.send(Buffer.from("\n"));
  try {
    return !(await live.reader.atEnd()) && (await live.reader.line()) === "";
  } catch (error) {
    // An alert, or a connection that is broken off; silence is neither.
    if (String(error).includes("says nothing")) throw error;
    return false;
  }
}

async function listen(
  authority: TestCertificate,
  own: TestCertificate,
  probes: readonly string[],
): Promise<ListeningPort> {
  const { certificates, key } = credentialsOf(own);
  const anchors = { methodRoots: parseCertificates(authority.certificate, "CA.pem"), identityRoots: [] };
  const identity = streamMethod({
    name: IDENTITY_METHOD,
    isPublic: true,
    run: async (call, { identity: { userName, groups } }) => {
      await call.write(`${JSON.stringify({ username: userName, groups: groups.toSorted() })}\n`);
    },
  });
  const methods: readonly Method[] = probes.map((name) => streamMethod({ name, run: async () => {} }));
  const srpc = new SrpcServer({
    methods: [identity, ...methods],
    credentials: () => ({ certificates, key, anchors }),
    isInsecure: false,
    hostname: "server.example",
    log: silentLogger,
  });
  return listenOnPort({ port: 0, host: "127.0.0.1", srpc, log: silentLogger });
}

/** Places of the fields of a TBSCertificate (RFC 5280 section 4.1), version included. */
const FIELD = { signature: 2, issuer: 3, validity: 4, publicKey: 6, extensions: 7 } as const;
const AUTHORITY_KEY_IDENTIFIER = "2.5.29.35";

/** The subject and the extensions of a certificate, byte for byte, in one that `authority` issues for another key. */
function reissue(pem: string, authority: TestCertificate, keyPem: string): string {
  const { asn1, pki } = forge;
  const der = Buffer.from(pem.replace(/-----.*-----/g, ""), "base64").toString("latin1");
  const fields = [...childrenOf(childrenOf(asn1.fromDer(der))[0])];
  const model = pki.certificateFromPem(
    makeTestCertificate({ commonName: "x", key: keyPem }, authority).certificate,
  );
  const modelFields = childrenOf(childrenOf(pki.certificateToAsn1(model))[0]);
  for (const field of [FIELD.signature, FIELD.issuer, FIELD.validity, FIELD.publicKey]) {
    const value = modelFields[field];
    if (value !== undefined) fields[field] = value;
  }
  const extensions = fields[FIELD.extensions];
  if (extensions !== undefined) fields[FIELD.extensions] = withoutAuthorityKey(extensions);
  const { Class, Type } = asn1;
  const body = asn1.create(Class.UNIVERSAL, Type.SEQUENCE, true, fields);
  const digest = forge.md.sha256.create().update(asn1.toDer(body).getBytes());
  const signature = pki.privateKeyFromPem(authority.key).sign(digest);
  const algorithm = fields[FIELD.signature];
  const certificate = asn1.create(Class.UNIVERSAL, Type.SEQUENCE, true, [
    body,
    ...(algorithm === undefined ? [] : [algorithm]),
    asn1.create(Class.UNIVERSAL, Type.BITSTRING, false, `\0${signature}`),
  ]);
  return forge.pem.encode({ type: "CERTIFICATE", body: asn1.toDer(certificate).getBytes() });
}

/** It would name the key of the recorded authority. */
function withoutAuthorityKey(extensions: forge.asn1.Asn1): forge.asn1.Asn1 {
  const { asn1 } = forge;
  const list = childrenOf(extensions)[0];
  const kept = childrenOf(list).filter((extension) => {
    const id = childrenOf(extension)[0]?.value;
    return typeof id !== "string" || asn1.derToOid(forge.util.createBuffer(id)) !== AUTHORITY_KEY_IDENTIFIER;
  });
  const { Class, Type } = asn1;
  return asn1.create(Class.CONTEXT_SPECIFIC, 3, true, [
    asn1.create(Class.UNIVERSAL, Type.SEQUENCE, true, kept),
  ]);
}

function childrenOf(node: forge.asn1.Asn1 | undefined): readonly forge.asn1.Asn1[] {
  return Array.isArray(node?.value) ? node.value : [];
}
