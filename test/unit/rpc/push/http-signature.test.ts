import {
  constants,
  createHash,
  createPublicKey,
  generateKeyPairSync,
  type KeyObject,
  verify,
  X509Certificate,
} from "node:crypto";
import { describe, expect, test } from "vitest";
import { Secret } from "../../../../src/core/secret.ts";
import { createRequestSigner } from "../../../../src/rpc/push/http-signature.ts";
import type { ClientCredentials } from "../../../../src/rpc/tls/credentials.ts";
import { makeTestCertificate } from "../../../support/certificates.ts";

const CERTIFICATE = makeTestCertificate({ commonName: "node" });
const PARTS = {
  method: "POST",
  targetUri: "https://events.example/in?x=1",
  body: Buffer.from('{"events":[]}'),
  createdUnixSeconds: 1_795_207_345,
};

/** The certificate is only named; the key need not be its own. */
function credentialsWith(key: KeyObject): ClientCredentials {
  return {
    certificateFile: "cert.pem",
    certificates: CERTIFICATE.certificate,
    key: new Secret(Buffer.from(key.export({ type: "pkcs8", format: "pem" }))),
    expiresAtMs: 0,
  };
}

function keyPair(kind: "rsa" | "p256" | "p384" | "p521" | "ed25519") {
  if (kind === "rsa") return generateKeyPairSync("rsa", { modulusLength: 2048 });
  if (kind === "ed25519") return generateKeyPairSync("ed25519");
  const curves = { p256: "prime256v1", p384: "secp384r1", p521: "secp521r1" } as const;
  return generateKeyPairSync("ec", { namedCurve: curves[kind] });
}

/** Reads the headers as a receiver does who knows RFC 9421 and not our code. */
function isValid(headers: Readonly<Record<string, string>>, publicKey: KeyObject, body: Buffer): boolean {
  const digest = `sha-512=:${createHash("sha512").update(body).digest("base64")}:`;
  const [, parameters = ""] = /^\w+=(.*)$/.exec(headers["Signature-Input"] ?? "") ?? [];
  const [, signature = ""] = /^\w+=:([A-Za-z0-9+/=]+):$/.exec(headers["Signature"] ?? "") ?? [];
  const base = `"@method": POST\n"@target-uri": https://events.example/in?x=1\n"content-digest": ${digest}\n"@signature-params": ${parameters}`;
  const [, algorithm = ""] = /;alg="([^"]+)"/.exec(parameters) ?? [];
  const hashes: Readonly<Record<string, string | null>> = {
    "rsa-pss-sha512": "sha512",
    "ecdsa-p256-sha256": "sha256",
    "ecdsa-p384-sha384": "sha384",
    ed25519: null,
  };
  const options =
    algorithm === "rsa-pss-sha512"
      ? { key: publicKey, padding: constants.RSA_PKCS1_PSS_PADDING, saltLength: 64 }
      : { key: publicKey, dsaEncoding: "ieee-p1363" as const };
  return verify(hashes[algorithm], Buffer.from(base), options, Buffer.from(signature, "base64"));
}

describe("createRequestSigner", () => {
  test.for([
    ["rsa", "rsa-pss-sha512"],
    ["p256", "ecdsa-p256-sha256"],
    ["p384", "ecdsa-p384-sha384"],
    ["ed25519", "ed25519"],
  ] as const)("a receiver can verify a signature made with an %s key", ([kind, algorithm]) => {
    const { privateKey } = keyPair(kind);
    const headers = createRequestSigner(credentialsWith(privateKey))?.sign(PARTS) ?? {};
    const fingerprint = new X509Certificate(CERTIFICATE.certificate).fingerprint256.replaceAll(":", "");
    expect(headers["Signature-Input"]).toBe(
      `installer=("@method" "@target-uri" "content-digest");created=1795207345;keyid="${fingerprint.toLowerCase()}";alg="${algorithm}"`,
    );
    const publicKey = createPublicKey(privateKey);
    expect(isValid(headers, publicKey, PARTS.body)).toBe(true);
    expect(isValid(headers, publicKey, Buffer.from('{"events":[1]}'))).toBe(false);
    expect(isValid(headers, createPublicKey(keyPair(kind).privateKey), PARTS.body)).toBe(false);
  });

  test("a key that the standard does not know signs nothing", () => {
    expect(createRequestSigner(credentialsWith(keyPair("p521").privateKey))).toBeUndefined();
  });
});
