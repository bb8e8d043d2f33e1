import { constants, createHash, createPrivateKey, type KeyObject, sign, X509Certificate } from "node:crypto";
import type { ClientCredentials } from "../tls/credentials.ts";

/** A request as far as it is signed. */
export interface SignedParts {
  readonly method: string;
  /** Without user, password and fragment. */
  readonly targetUri: string;
  readonly body: Buffer;
  readonly createdUnixSeconds: number;
}

/** Algorithms of RFC 9421 section 3.3. */
type Algorithm = "rsa-pss-sha512" | "ecdsa-p256-sha256" | "ecdsa-p384-sha384" | "ed25519";

/** Signs HTTP requests with the key of a certificate. */
export interface RequestSigner {
  /** Headers to add: Content-Digest, Signature-Input and Signature. */
  sign(parts: SignedParts): Readonly<Record<string, string>>;
}

const COMPONENTS = ["@method", "@target-uri", "content-digest"] as const;

/**
 * A signer by RFC 9421 (HTTP message signatures) over method, target and content digest (RFC 9530, SHA-512); `keyid` is
 * the SHA-256 fingerprint of the certificate, in lower case without colons. Undefined for a kind of key that the RFC
 * does not know.
 */
export function createRequestSigner(credentials: ClientCredentials): RequestSigner | undefined {
  const key = createPrivateKey(Buffer.from(credentials.key.expose()));
  const algorithm = algorithmOf(key);
  if (algorithm === undefined) return undefined;
  const fingerprint = new X509Certificate(credentials.certificates).fingerprint256;
  const keyId = fingerprint.replaceAll(":", "").toLowerCase();
  return {
    sign: ({ method, targetUri, body, createdUnixSeconds }) => {
      const digest = contentDigest(body);
      const list = COMPONENTS.map((name) => `"${name}"`).join(" ");
      const parameters = `(${list});created=${createdUnixSeconds};keyid="${keyId}";alg="${algorithm}"`;
      const base = [
        `"@method": ${method}`,
        `"@target-uri": ${targetUri}`,
        `"content-digest": ${digest}`,
        `"@signature-params": ${parameters}`,
      ].join("\n");
      const signature = signBase(Buffer.from(base), key, algorithm).toString("base64");
      return {
        "Content-Digest": digest,
        "Signature-Input": `installer=${parameters}`,
        Signature: `installer=:${signature}:`,
      };
    },
  };
}

/** The Content-Digest header (RFC 9530 section 2). */
export function contentDigest(body: Buffer): string {
  return `sha-512=:${createHash("sha512").update(body).digest("base64")}:`;
}

function algorithmOf({ asymmetricKeyType, asymmetricKeyDetails }: KeyObject): Algorithm | undefined {
  if (asymmetricKeyType === "rsa" || asymmetricKeyType === "rsa-pss") return "rsa-pss-sha512";
  if (asymmetricKeyType === "ed25519") return "ed25519";
  if (asymmetricKeyType !== "ec") return undefined;
  const curve = asymmetricKeyDetails?.namedCurve;
  if (curve === "prime256v1") return "ecdsa-p256-sha256";
  return curve === "secp384r1" ? "ecdsa-p384-sha384" : undefined;
}

function signBase(base: Buffer, key: KeyObject, algorithm: Algorithm): Buffer {
  switch (algorithm) {
    case "rsa-pss-sha512":
      return sign("sha512", base, { key, padding: constants.RSA_PKCS1_PSS_PADDING, saltLength: 64 });
    case "ecdsa-p256-sha256":
      return sign("sha256", base, { key, dsaEncoding: "ieee-p1363" });
    case "ecdsa-p384-sha384":
      return sign("sha384", base, { key, dsaEncoding: "ieee-p1363" });
    case "ed25519":
      return sign(null, base, key);
  }
}
