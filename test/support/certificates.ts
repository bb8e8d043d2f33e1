import forge from "node-forge";

/** A certificate and its key, both PEM. */
export interface TestCertificate {
  readonly certificate: string;
  readonly key: string;
}

export interface TestCertificateRequest {
  /** Common name; the user name for servers. Empty: a subject without one. */
  readonly commonName: string;
  readonly methods?: readonly string[];
  readonly groups?: readonly string[];
  /** Default: a day ago. */
  readonly notBefore?: Date;
  /** Default: in a day. */
  readonly notAfter?: Date;
  /** PEM of a key to use instead of a new one. */
  readonly key?: string;
  /** May issue certificates itself. */
  readonly isAuthority?: boolean;
  /** Host name that it is for, as web clients want to see it. */
  readonly hostName?: string;
}

/** GeneralName dNSName (RFC 5280 section 4.2.1.6). */
const DNS_NAME = 2;
const DAY_MS = 86_400_000;
const METHODS_OID = "1.3.6.1.4.1.9586.100.7.1";
const GROUPS_OID = "1.3.6.1.4.1.9586.100.7.2";

/** A throw-away certificate authority that lives in memory. */
export function makeTestAuthority(commonName: string): TestCertificate {
  return makeTestCertificate({ commonName, isAuthority: true });
}

/** A throw-away RSA certificate: self-signed, or issued by `issuer`. */
export function makeTestCertificate(
  request: TestCertificateRequest,
  issuer?: TestCertificate,
): TestCertificate {
  // 1024 bits would be quicker to make, but OpenSSL refuses such keys.
  const keys =
    request.key === undefined ? forge.pki.rsa.generateKeyPair({ bits: 2048 }) : keyPairOf(request.key);
  const certificate = forge.pki.createCertificate();
  certificate.publicKey = keys.publicKey;
  certificate.serialNumber = `01${forge.util.bytesToHex(forge.random.getBytesSync(8))}`;
  certificate.validity.notBefore = request.notBefore ?? new Date(Date.now() - DAY_MS);
  certificate.validity.notAfter = request.notAfter ?? new Date(Date.now() + DAY_MS);
  const subject =
    request.commonName === ""
      ? []
      : [{ name: "commonName", value: request.commonName, valueTagClass: 12 as never }];
  certificate.setSubject(subject);
  const issuerCertificate = issuer && forge.pki.certificateFromPem(issuer.certificate);
  certificate.setIssuer(issuerCertificate?.subject.attributes ?? subject);
  certificate.setExtensions(extensionsOf(request));
  const issuerKey = issuer === undefined ? keys.privateKey : forge.pki.privateKeyFromPem(issuer.key);
  certificate.sign(issuerKey, forge.md.sha256.create());
  return {
    certificate: forge.pki.certificateToPem(certificate).replaceAll("\r\n", "\n"),
    key: forge.pki.privateKeyToPem(keys.privateKey).replaceAll("\r\n", "\n"),
  };
}

function keyPairOf(pem: string): forge.pki.rsa.KeyPair {
  const privateKey = forge.pki.privateKeyFromPem(pem);
  return { privateKey, publicKey: forge.pki.setRsaPublicKey(privateKey.n, privateKey.e) };
}

function extensionsOf(request: TestCertificateRequest): object[] {
  const extensions: object[] = [];
  if (request.isAuthority === true) extensions.push({ name: "basicConstraints", cA: true, critical: true });
  if (request.methods !== undefined) extensions.push({ id: METHODS_OID, value: stringList(request.methods) });
  if (request.groups !== undefined) extensions.push({ id: GROUPS_OID, value: stringList(request.groups) });
  if (request.hostName !== undefined)
    extensions.push({ name: "subjectAltName", altNames: [{ type: DNS_NAME, value: request.hostName }] });
  return extensions;
}

/** DER SEQUENCE of UTF8String. */
function stringList(texts: readonly string[]): string {
  const { asn1, util } = forge;
  const strings = texts.map((text) =>
    asn1.create(asn1.Class.UNIVERSAL, asn1.Type.UTF8, false, util.encodeUtf8(text)),
  );
  return asn1.toDer(asn1.create(asn1.Class.UNIVERSAL, asn1.Type.SEQUENCE, true, strings)).getBytes();
}
