import type { Identity } from "../srpc/access.ts";
import {
  type DerElement,
  malformed,
  parseChildren,
  parseDer,
  parseDerString,
  parseObjectIdentifier,
  TAG,
} from "./der.ts";

/** Extension with the list of permitted methods (spec/auth.md section 1). */
export const METHODS_OID = "1.3.6.1.4.1.9586.100.7.1";
/** Extension with the list of groups. */
export const GROUPS_OID = "1.3.6.1.4.1.9586.100.7.2";

const COMMON_NAME_OID = "2.5.4.3";
/** `[0]` version of a TBSCertificate, `[3]` extensions (RFC 5280 section 4.1). */
const VERSION_TAG = 0xa0;
const EXTENSIONS_TAG = 0xa3;
const MAX_LIST_ENTRIES = 10_000;

/** What one certificate says about its owner. */
export interface CertificateClaims {
  /** The last common name of the subject; empty when there is none. */
  readonly commonName: string;
  /** DER of the names, for byte-wise comparison. */
  readonly subject: Uint8Array;
  readonly issuer: Uint8Array;
  readonly methods: readonly string[];
  readonly groups: readonly string[];
}

/**
 * Reads the names, methods and groups of a DER certificate whose signature somebody else checks.
 * E_CERTIFICATE_MALFORMED for anything that the original would drop the connection for (spec/auth.md section 1).
 */
export function parseCertificateClaims(der: Uint8Array): CertificateClaims {
  const [body] = parseChildren(parseDer(der, "certificate"), TAG.sequence, "certificate");
  if (body === undefined) throw malformed("certificate", "empty");
  const all = parseChildren(body, TAG.sequence, "certificate body");
  const fields = all[0]?.tag === VERSION_TAG ? all.slice(1) : all;
  // serialNumber, signature, issuer, validity, subject, subjectPublicKeyInfo
  const [issuer, subject] = [fields[2], fields[4]];
  if (issuer === undefined || subject === undefined) throw malformed("certificate body", "truncated");
  const extensions = parseExtensions(fields.slice(6).find((field) => field.tag === EXTENSIONS_TAG));
  const methods = parseStringList(extensions.get(METHODS_OID), "method list");
  for (const method of methods) {
    if (method.split(".").length !== 2) throw malformed("method list", `bad line: ${JSON.stringify(method)}`);
  }
  return {
    commonName: parseCommonName(subject),
    subject: subject.whole,
    issuer: issuer.whole,
    methods,
    groups: parseStringList(extensions.get(GROUPS_OID), "group list"),
  };
}

/** A chain whose signatures somebody checked, leaf first. */
export interface VerifiedChain {
  readonly certificates: readonly CertificateClaims[];
  /** Whether its method lists count (spec/auth.md section 4); name and groups do anyway. */
  readonly areMethodsTrusted: boolean;
}

/** The identity that all verified chains of one peer stand for (spec/auth.md section 2). */
export function identityOfChains(chains: readonly VerifiedChain[]): Identity {
  const certificates = chains.flatMap((chain) => chain.certificates);
  const trusted = chains.filter(({ areMethodsTrusted }) => areMethodsTrusted);
  const methods = trusted
    .flatMap((chain) => chain.certificates)
    .flatMap((certificate) => certificate.methods);
  return {
    userName: certificates.find(({ commonName }) => commonName !== "")?.commonName ?? "",
    groups: sortedSet(certificates.find(({ groups }) => groups.length > 0)?.groups ?? []),
    permittedMethods: sortedSet(methods),
  };
}

function sortedSet(texts: readonly string[]): readonly string[] {
  return [...new Set(texts)].toSorted();
}

/** Content of each extension by object identifier. */
function parseExtensions(wrapper: DerElement | undefined): ReadonlyMap<string, Uint8Array> {
  const values = new Map<string, Uint8Array>();
  if (wrapper === undefined) return values;
  for (const extension of parseChildren(
    parseDer(wrapper.content, "extensions"),
    TAG.sequence,
    "extensions",
  )) {
    const parts = parseChildren(extension, TAG.sequence, "extension");
    const [name, value] = [parts[0], parts.at(-1)];
    if (name === undefined || value?.tag !== TAG.octetString) throw malformed("extension", "no value");
    const oid = parseObjectIdentifier(name, "extension");
    if (values.has(oid)) throw malformed("extensions", `${oid} is present twice`);
    values.set(oid, value.content);
  }
  return values;
}

function parseStringList(der: Uint8Array | undefined, what: string): readonly string[] {
  if (der === undefined) return [];
  const children = parseChildren(parseDer(der, what), TAG.sequence, what);
  if (children.length > MAX_LIST_ENTRIES) throw malformed(what, `more than ${MAX_LIST_ENTRIES} entries`);
  return children.map((child) => parseDerString(child, what));
}

/** Name ::= SEQUENCE OF SET OF SEQUENCE { type, value } (RFC 5280 section 4.1.2.4). */
function parseCommonName(name: DerElement): string {
  let commonName = "";
  for (const set of parseChildren(name, TAG.sequence, "subject")) {
    for (const attribute of parseChildren(set, TAG.set, "subject")) {
      const [type, value] = parseChildren(attribute, TAG.sequence, "subject");
      if (type === undefined || value === undefined) throw malformed("subject", "incomplete attribute");
      if (parseObjectIdentifier(type, "subject") === COMMON_NAME_OID)
        commonName = parseDerString(value, "common name");
    }
  }
  return commonName;
}
