import { readFileSync } from "node:fs";
import { describe, expect, it } from "vitest";
import {
  type CredentialFiles,
  type Credentials,
  canJudge,
  parseCertificates,
  readCredentials,
} from "../../../../src/rpc/tls/credentials.ts";
import { makeTestAuthority, makeTestCertificate } from "../../../support/certificates.ts";

const names: CredentialFiles = {
  caFile: "/ssl/CA.pem",
  identityCaFile: "/ssl/IdentityCA.pem",
  certificateFile: "/ssl/cert.pem",
  keyFile: "/ssl/key.pem",
};
const authority = makeTestAuthority("Test CA");
const own = makeTestCertificate({ commonName: "installer" }, authority);
const other = makeTestCertificate({ commonName: "other" }, authority);
const good = {
  "/ssl/CA.pem": authority.certificate,
  "/ssl/cert.pem": own.certificate,
  "/ssl/key.pem": own.key,
};
const nowMs = Date.now();

async function read(
  contents: Readonly<Record<string, string | null>>,
  at = nowMs,
  files = names,
): Promise<Credentials> {
  const readText = async (path: string | Buffer): Promise<string> => {
    const text = contents[String(path)];
    if (text === null) throw Object.assign(new Error("denied"), { code: "EACCES" });
    if (text === undefined) throw Object.assign(new Error("absent"), { code: "ENOENT" });
    return text;
  };
  return readCredentials({ readText }, files, at);
}

describe("readCredentials", () => {
  it("reads a certificate, its key and the authority", async () => {
    const { client, server, problems, warnings } = await read(good);
    expect(client).toMatchObject({ certificateFile: "/ssl/cert.pem", certificates: own.certificate });
    expect(server?.anchors?.methodRoots.map(({ subject }) => subject)).toEqual(["CN=Test CA"]);
    expect(server?.anchors?.identityRoots).toEqual([]);
    expect([problems, warnings]).toEqual([[], []]);
  });

  it("reads the authority for identities", async () => {
    const { server } = await read({
      ...good,
      "/ssl/IdentityCA.pem": makeTestAuthority("Identity CA").certificate,
    });
    expect(server?.anchors?.identityRoots.map(({ subject }) => subject)).toEqual(["CN=Identity CA"]);
  });

  it("never shows the key", async () => {
    expect(JSON.stringify(await read(good))).not.toContain(own.key.split("\n")[1]);
  });

  it.each([
    [
      "a missing certificate",
      { "/ssl/cert.pem": undefined },
      "E_TLS_CERTIFICATE_MISSING",
      "finding the certificate /ssl/cert.pem",
    ],
    [
      "an empty certificate",
      { "/ssl/cert.pem": "" },
      "E_TLS_CERTIFICATE_MISSING",
      "finding the certificate /ssl/cert.pem",
    ],
    [
      "a missing key",
      { "/ssl/key.pem": undefined },
      "E_TLS_CERTIFICATE_MISSING",
      "finding the private key /ssl/key.pem",
    ],
    [
      "an unreadable key",
      { "/ssl/key.pem": null },
      "E_TLS_CERTIFICATE_INVALID",
      "reading the private key /ssl/key.pem",
    ],
    [
      "a key that is none",
      { "/ssl/key.pem": "secret" },
      "E_TLS_CERTIFICATE_INVALID",
      "parsing the private key /ssl/key.pem",
    ],
    [
      "a foreign key",
      { "/ssl/key.pem": other.key },
      "E_TLS_CERTIFICATE_INVALID",
      "matching the private key /ssl/key.pem with the certificate /ssl/cert.pem",
    ],
    [
      "a file without a certificate",
      { "/ssl/cert.pem": own.key },
      "E_TLS_CERTIFICATE_INVALID",
      "finding a certificate in /ssl/cert.pem",
    ],
  ] as const)("explains %s", async (_, change, code, message) => {
    const { client, server, problems } = await read({ ...good, ...change } as Record<string, string | null>);
    expect([client, server]).toEqual([undefined, undefined]);
    expect(problems).toMatchObject([{ code, message }]);
    expect(String(problems[0]?.cause)).not.toContain("secret");
  });

  it.each([
    [
      "a missing authority",
      { "/ssl/CA.pem": undefined },
      "E_TLS_CERTIFICATE_MISSING",
      "finding the certificate authority /ssl/CA.pem",
    ],
    [
      "a broken authority",
      { "/ssl/CA.pem": broken(authority.certificate) },
      "E_TLS_CERTIFICATE_INVALID",
      "parsing certificate 1 of /ssl/CA.pem",
    ],
    [
      "an unreadable identity authority",
      { "/ssl/IdentityCA.pem": null },
      "E_TLS_CERTIFICATE_INVALID",
      "reading the identity authority /ssl/IdentityCA.pem",
    ],
  ] as const)(
    "remains a client, and a server to strangers, in spite of %s",
    async (_, change, code, message) => {
      const { client, server, problems } = await read({ ...good, ...change } as Record<
        string,
        string | null
      >);
      expect(client?.certificateFile).toBe("/ssl/cert.pem");
      expect(server?.certificates).toBe(own.certificate);
      expect(canJudge(server)).toBe(false);
      expect(problems).toMatchObject([{ code, message }]);
    },
  );

  it("lets nobody pass when the authority file is empty", async () => {
    const { server, warnings } = await read({ ...good, "/ssl/CA.pem": "" });
    expect(server?.anchors?.methodRoots).toEqual([]);
    expect(warnings).toEqual(["/ssl/CA.pem contains no certificate: no client can pass"]);
  });

  it("makes up a server certificate on request", async () => {
    const generated = { ...names, generateMissing: true };
    const { client, server, problems } = await read(
      { "/ssl/CA.pem": authority.certificate },
      nowMs,
      generated,
    );
    expect(client).toBeUndefined();
    expect(server?.anchors?.methodRoots).toHaveLength(1);
    expect(parseCertificates(server?.certificates ?? "", "made")[0]?.subjectAltName).toBe("DNS:any-server");
    expect(problems).toMatchObject([{ code: "E_TLS_CERTIFICATE_MISSING" }]);
    const broken = await read({ ...good, "/ssl/key.pem": other.key }, nowMs, generated);
    expect(broken.server).toBeUndefined();
  });

  it("makes up a server certificate where there is no authority either", async () => {
    const { client, server, problems } = await read({}, nowMs, { ...names, generateMissing: true });
    expect([client, canJudge(server)]).toEqual([undefined, false]);
    expect(parseCertificates(server?.certificates ?? "", "made")[0]?.subjectAltName).toBe("DNS:any-server");
    expect(problems).toMatchObject([
      { message: "finding the certificate /ssl/cert.pem" },
      { message: "finding the certificate authority /ssl/CA.pem" },
    ]);
  });

  it.each([
    ["expired", 2 * 86_400_000, /^certificate \/ssl\/cert.pem expired at /],
    ["not valid yet", -2 * 86_400_000, /^certificate \/ssl\/cert.pem is not valid before /],
  ])("warns of a certificate that is %s", async (_, shiftMs, warning) => {
    const { client, warnings } = await read(good, nowMs + shiftMs);
    expect(client).toBeDefined();
    expect(warnings).toEqual([expect.stringMatching(warning)]);
  });
});

interface PemCase {
  readonly name: string;
  readonly text: string;
  readonly caFileSubjects: readonly string[];
}

const { cases } = JSON.parse(readFileSync("test/vectors/misc/pem-files.json", "utf8")) as {
  readonly cases: readonly PemCase[];
};

describe("parseCertificates", () => {
  it.each(cases)("agrees with the original about $name", ({ text, caFileSubjects }) => {
    const subjects = parseCertificates(text, "CA.pem").map(({ subject }) => subject);
    expect(subjects).toEqual(caFileSubjects.map((name) => `CN=${name}`));
  });
});

function broken(pem: string): string {
  return pem.replace("MII", "MAA");
}
