import {
  type ClientCredentials,
  type JudgingCredentials,
  parseCertificates,
  parseClientCredentials,
} from "../../src/rpc/tls/credentials.ts";
import { makeTestAuthority, makeTestCertificate, type TestCertificate } from "../support/certificates.ts";

/** A server and everybody who talks to it in the recordings, with certificates of one throw-away authority. */
export interface Parties {
  readonly authority: string;
  readonly server: JudgingCredentials;
  /** As a server that is a program reads its own certificate. */
  readonly serverCertificate: TestCertificate;
  /** Throws for a common name that the recordings do not use. */
  client(commonName: string): TestCertificate;
}

/** Methods of the certificates (vectors/srpc/INDEX.md); the five of the installer are those of spec/auth.md section 9. */
const METHODS: Readonly<Record<string, readonly string[] | undefined>> = {
  admin: ["*.*"],
  installer: [
    "ImageServer.CheckDirectory",
    "ImageServer.FindLatestImage",
    "ImageServer.GetImage",
    "ImageServer.ListImages",
    "ObjectServer.GetObjects",
  ],
  operator: ["Installer.Shell"],
  nobody: [],
  grouped: [],
};
const GROUPS: Readonly<Record<string, readonly string[] | undefined>> = { grouped: ["os-team"] };

export function makeParties(): Parties {
  const authority = makeTestAuthority("Recorded CA");
  const serverCertificate = makeTestCertificate({ commonName: "server" }, authority);
  const { certificates, key } = credentialsOf(serverCertificate);
  const anchors = { methodRoots: parseCertificates(authority.certificate, "CA.pem"), identityRoots: [] };
  const made = new Map<string, TestCertificate>();
  return {
    authority: authority.certificate,
    server: { certificates, key, anchors },
    serverCertificate,
    client: (commonName) => {
      const methods = METHODS[commonName];
      if (methods === undefined) throw new Error(`nobody is called ${commonName}`);
      const known = made.get(commonName);
      if (known !== undefined) return known;
      const groups = GROUPS[commonName];
      // Making keys takes time, and nobody looks whether two have the same.
      const claims = { methods, ...(groups === undefined ? {} : { groups }), key: serverCertificate.key };
      const certificate = makeTestCertificate({ commonName, ...claims }, authority);
      made.set(commonName, certificate);
      return certificate;
    },
  };
}

/** The certificate as our own client and server take it. */
export function credentialsOf({ certificate, key }: TestCertificate): ClientCredentials {
  return parseClientCredentials(certificate, key, { certificateFile: "cert.pem", keyFile: "key.pem" });
}
