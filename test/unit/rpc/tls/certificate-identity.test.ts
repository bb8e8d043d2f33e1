import { X509Certificate } from "node:crypto";
import { readFileSync } from "node:fs";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { InstallerError } from "../../../../src/core/errors.ts";
import { identityOfChains, parseCertificateClaims } from "../../../../src/rpc/tls/certificate-identity.ts";

interface CertificateCase {
  readonly name: string;
  readonly file: string;
  readonly username?: string;
  readonly methods?: readonly string[];
  readonly groups?: readonly string[];
  readonly methodsError?: string;
  readonly groupsError?: string;
  readonly parseError?: string;
}

const { cases } = JSON.parse(readFileSync("test/vectors/misc/certs.json", "utf8")) as {
  readonly cases: readonly CertificateCase[];
};
const isGood = (vector: CertificateCase): boolean =>
  (vector.methodsError ?? vector.groupsError ?? vector.parseError) === undefined;

/** Straight from the PEM: OpenSSL need not agree that it is a certificate. */
function derOf(vector: CertificateCase): Buffer {
  const pem = readFileSync(`test/vectors/misc/${vector.file}`, "utf8");
  return Buffer.from(pem.replace(/-----.*-----/g, ""), "base64");
}

describe("parseCertificateClaims", () => {
  it.each(cases.filter(isGood))("agrees with the original about $name", (vector) => {
    const { commonName, ...claims } = parseCertificateClaims(derOf(vector));
    const lists = { methods: [...new Set(claims.methods)].toSorted(), groups: claims.groups.toSorted() };
    expect({ username: commonName, ...lists }).toEqual({
      username: vector.username,
      methods: vector.methods,
      groups: vector.groups,
    });
  });

  it.each(cases.filter((vector) => !isGood(vector)))("refuses $name", (vector) => {
    expect(() => parseCertificateClaims(derOf(vector))).toThrow(
      expect.objectContaining({ code: "E_CERTIFICATE_MALFORMED" }),
    );
  });

  it("gives the names byte by byte", () => {
    const [vector] = cases;
    if (vector === undefined) throw new Error("no vectors");
    const der = derOf(vector);
    expect(new X509Certificate(der).subject).toBe("CN=alice");
    expect(Buffer.from(parseCertificateClaims(der).subject).toString("hex")).toBe(
      "3010310e300c06035504031305616c696365",
    );
  });

  it("survives damaged certificates", () => {
    const whole = cases.map(derOf);
    fc.assert(
      fc.property(
        fc.constantFrom(...whole),
        fc.nat(2000),
        fc.nat(255),
        fc.nat(2000),
        (der, at, value, length) => {
          const damaged = Buffer.from(der);
          damaged[at % der.length] = value;
          try {
            parseCertificateClaims(length < der.length ? damaged.subarray(0, length) : damaged);
          } catch (error) {
            expect(error).toBeInstanceOf(InstallerError);
          }
        },
      ),
      { seed: 1, numRuns: 5000 },
    );
  });
});

describe("identityOfChains", () => {
  const claims = {
    commonName: "",
    subject: Buffer.alloc(0),
    issuer: Buffer.alloc(0),
    methods: [],
    groups: [],
  };

  it("takes the first name, the first groups and all methods of trusted chains", () => {
    const leaf = { ...claims, methods: ["B.B", "A.A"] };
    const middle = { ...claims, commonName: "middle", groups: ["z", "a", "z"], methods: ["A.A"] };
    const root = { ...claims, commonName: "root", groups: ["r"], methods: ["R.*"] };
    expect(
      identityOfChains([
        { certificates: [leaf, middle], areMethodsTrusted: true },
        { certificates: [leaf, root], areMethodsTrusted: false },
      ]),
    ).toEqual({ userName: "middle", groups: ["a", "z"], permittedMethods: ["A.A", "B.B"] });
  });

  it("knows nothing of nobody", () => {
    expect(identityOfChains([])).toEqual({ userName: "", groups: [], permittedMethods: [] });
  });
});
