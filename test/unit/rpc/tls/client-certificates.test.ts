import { describe, expect, it } from "vitest";
import { messageChain } from "../../../../src/core/errors.ts";
import { readClientCertificates } from "../../../../src/rpc/tls/client-certificates.ts";
import { makeTestCertificate, type TestCertificateRequest } from "../../../support/certificates.ts";
import { MemoryFileSystem } from "../../../support/memory-file-system.ts";

const DAY_MS = 86_400_000;
const nowMs = Date.now();
const inDays = (days: number): Date => new Date(nowMs + days * DAY_MS);
/** One key for all: making keys takes long. */
const { key } = makeTestCertificate({ commonName: "first" });

function certificate(request: Partial<TestCertificateRequest> = {}): string {
  return makeTestCertificate({ commonName: "alice", key, notAfter: inDays(30), ...request }).certificate;
}

function folder(contents: Readonly<Record<string, string>>): MemoryFileSystem {
  const files = Object.entries(contents).map(([name, text]) => [`/home/alice/.ssl/${name}`, text]);
  return new MemoryFileSystem({ files: Object.fromEntries(files) as Record<string, string> });
}

async function read(contents: Readonly<Record<string, string>>) {
  const { usable, problems } = await readClientCertificates(folder(contents), "/home/alice/.ssl", nowMs);
  return {
    files: usable.map(({ certificateFile }) => certificateFile.replace("/home/alice/.ssl/", "")),
    problems: problems.map((problem) => messageChain(problem)),
    usable,
  };
}

describe("readClientCertificates", () => {
  it("takes pairs NAME.cert and NAME.key, and cert.pem with key.pem", async () => {
    const pem = certificate();
    const { files, problems } = await read({
      "work.key": key,
      "work.cert": pem,
      "key.pem": key,
      "cert.pem": pem,
      "lonely.key": key,
      "lonely.cert.bak": pem,
      ".key": key,
      ".cert": pem,
      config: "text",
    });
    expect(files.toSorted()).toEqual(["cert.pem", "work.cert"]);
    expect(problems).toEqual([]);
  });

  it("prefers what may do everything, then more methods, then the longer life", async () => {
    const { files } = await read({
      "a.key": key,
      "a.cert": certificate({ methods: ["Installer.Shell"], notAfter: inDays(900) }),
      "b.key": key,
      "b.cert": certificate({ methods: ["*.*"], notAfter: inDays(1) }),
      "c.key": key,
      "c.cert": certificate({ methods: ["Installer.Shell", "Installer.Diagnose"] }),
      "d.key": key,
      "d.cert": certificate({ methods: ["Installer.Cancel"], notAfter: inDays(901) }),
    });
    expect(files).toEqual(["b.cert", "c.cert", "d.cert", "a.cert"]);
  });

  it("says of a broken or outdated pair what is wrong, and takes the others", async () => {
    const { files, problems } = await read({
      "broken.key": "nonsense",
      "broken.cert": certificate(),
      "early.key": key,
      "early.cert": certificate({ notBefore: inDays(2) }),
      "good.key": key,
      "good.cert": certificate(),
      "old.key": key,
      "old.cert": certificate({ notBefore: inDays(-9), notAfter: inDays(-3) }),
      "other.key": makeTestCertificate({ commonName: "other" }).key,
      "other.cert": certificate(),
    });
    expect(files).toEqual(["good.cert"]);
    expect(problems).toEqual([
      "parsing the private key /home/alice/.ssl/broken.key",
      expect.stringMatching(/early\.cert will not be valid for \dd?/),
      expect.stringMatching(/old\.cert expired 3d\S* ago/),
      "matching the private key /home/alice/.ssl/other.key with the certificate /home/alice/.ssl/other.cert",
    ]);
  });

  it("finds nothing where there is no directory", async () => {
    const files = new MemoryFileSystem();
    const nothing = { usable: [], problems: [] };
    await expect(readClientCertificates(files, "/home/bob/.ssl", nowMs)).resolves.toEqual(nothing);
    await expect(readClientCertificates(files, "", nowMs)).resolves.toEqual(nothing);
  });

  it("never shows a key", async () => {
    const { usable } = await read({ "work.key": key, "work.cert": certificate() });
    expect(JSON.stringify(usable)).not.toContain(key.split("\n")[1]);
  });
});
