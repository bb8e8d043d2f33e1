import { X509Certificate } from "node:crypto";
import { readFileSync } from "node:fs";
import { describe, expect, it } from "vitest";
import { identityOfCertificate, identityOfVerifiedChains } from "../../../../src/rpc/tls/peer-identity.ts";
import {
  makeTestAuthority,
  makeTestCertificate,
  type TestCertificate,
} from "../../../support/certificates.ts";

interface ChainCase {
  readonly name: string;
  readonly verifiedChains: readonly (readonly string[])[];
  readonly caFileWhenIdentityCaExists?: readonly string[];
  readonly username?: string;
  readonly methods?: readonly string[];
  readonly groups?: readonly string[];
  readonly error?: string;
}

const { cases } = JSON.parse(readFileSync("test/vectors/misc/cert-chains.json", "utf8")) as {
  readonly cases: readonly ChainCase[];
};
const nowMs = Date.now();

function x509(made: TestCertificate): X509Certificate {
  return new X509Certificate(made.certificate);
}

function chainsOf(vector: ChainCase): readonly (readonly X509Certificate[])[] {
  return vector.verifiedChains.map((chain) => chain.map((pem) => new X509Certificate(pem)));
}

describe("identityOfVerifiedChains", () => {
  it.each(cases)("agrees with the original about $name", (vector) => {
    const chains = chainsOf(vector);
    const roots = chains.flatMap((chain) => chain.slice(-1));
    const methodRoots = vector.caFileWhenIdentityCaExists?.map((pem) => new X509Certificate(pem));
    const anchors =
      methodRoots === undefined
        ? { methodRoots: roots, identityRoots: [] }
        : { methodRoots, identityRoots: roots };
    const read = (): unknown => identityOfVerifiedChains(chains, anchors);
    if (vector.error !== undefined) {
      expect(read).toThrow(expect.objectContaining({ code: "E_CERTIFICATE_MALFORMED" }));
      return;
    }
    const { username, methods, groups } = vector;
    expect(read()).toEqual({ userName: username, permittedMethods: methods, groups });
  });

  it.each(cases.filter(({ error }) => error === undefined))("proves the chain of $name itself", (vector) => {
    const [chain = []] = chainsOf(vector);
    const [leaf, ...rest] = chain;
    const root = rest.pop();
    if (leaf === undefined || root === undefined) throw new Error("no chain");
    const { userName } = identityOfCertificate(leaf, rest, { methodRoots: [root], identityRoots: [] }, nowMs);
    expect(userName).toBe(vector.username);
  });
});

describe("identityOfCertificate", () => {
  const root = makeTestAuthority("Root CA");
  const identityRoot = makeTestAuthority("Identity CA");
  const alice = makeTestCertificate({ commonName: "alice", methods: ["A.B"], groups: ["g"] }, root);
  const anchors = { methodRoots: [x509(root)], identityRoots: [x509(identityRoot)] };

  it("ignores an authority of the peer's own making that borrows a name", () => {
    const impostor = makeTestCertificate({ commonName: "Root CA", isAuthority: true, methods: ["*.*"] });
    expect(identityOfCertificate(x509(alice), [x509(impostor)], anchors, nowMs).permittedMethods).toEqual([
      "A.B",
    ]);
  });

  it("refuses a certificate that only an impostor issued", () => {
    const impostor = makeTestAuthority("Root CA");
    const mallory = makeTestCertificate({ commonName: "mallory" }, impostor);
    expect(() => identityOfCertificate(x509(mallory), [x509(impostor)], anchors, nowMs)).toThrow(
      expect.objectContaining({ code: "E_TLS_CERTIFICATE_REFUSED" }),
    );
  });

  it("does not let an identity authority grant itself methods under the other's name", () => {
    const intermediate = makeTestCertificate({ commonName: "Root CA", isAuthority: true }, identityRoot);
    const mallory = makeTestCertificate({ commonName: "mallory", methods: ["*.*"] }, intermediate);
    expect(identityOfCertificate(x509(mallory), [x509(intermediate)], anchors, nowMs)).toEqual({
      userName: "mallory",
      groups: [],
      permittedMethods: [],
    });
  });

  it("refuses what is expired", () => {
    expect(() => identityOfCertificate(x509(alice), [], anchors, nowMs + 30 * 86_400_000)).toThrow(
      expect.objectContaining({ code: "E_TLS_CERTIFICATE_REFUSED" }),
    );
  });

  it("refuses an issuer that is no authority", () => {
    const leaf = makeTestCertificate({ commonName: "leaf" }, root);
    const child = makeTestCertificate({ commonName: "child" }, leaf);
    expect(() => identityOfCertificate(x509(child), [x509(leaf)], anchors, nowMs)).toThrow(
      expect.objectContaining({ code: "E_TLS_CERTIFICATE_REFUSED" }),
    );
  });
});
