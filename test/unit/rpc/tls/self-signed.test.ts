import { createPrivateKey, X509Certificate } from "node:crypto";
import { describe, expect, it } from "vitest";
import { parseCertificateClaims } from "../../../../src/rpc/tls/certificate-identity.ts";
import { makeSelfSignedCertificate } from "../../../../src/rpc/tls/self-signed.ts";

describe("makeSelfSignedCertificate", () => {
  const { certificates, key } = makeSelfSignedCertificate(new Date("2026-11-21T10:00:00.500Z"));
  const certificate = new X509Certificate(certificates);

  it("is what OpenSSL takes for a certificate of its key", () => {
    expect(certificate.verify(certificate.publicKey)).toBe(true);
    expect(certificate.checkPrivateKey(createPrivateKey(Buffer.from(key.expose())))).toBe(true);
    expect(certificate.publicKey.asymmetricKeyType).toBe("ed25519");
    expect(certificate.serialNumber).toBe("01");
    expect(certificate.subjectAltName).toBe("DNS:any-server");
    expect(certificate.keyUsage).toEqual(["1.3.6.1.5.5.7.3.1"]);
    expect(certificate.validFromDate.toISOString()).toBe("2026-11-20T10:00:00.000Z");
    expect(certificate.validToDate.toISOString()).toBe("2056-11-21T10:00:00.000Z");
  });

  it("claims nothing", () => {
    expect(parseCertificateClaims(certificate.raw)).toMatchObject({
      commonName: "",
      methods: [],
      groups: [],
    });
  });
});
