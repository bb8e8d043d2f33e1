/**
 * Makes throw-away certificates for trying things out: `node scripts/make-test-certificates.ts DIRECTORY` writes
 * CA.pem and, in a folder for each of server, installer and operator, cert.pem and key.pem. The installer may fetch
 * images, the operator may open shells. They are valid for a day; nobody must ever trust them.
 */
import { mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { makeTestAuthority, makeTestCertificate } from "../test/support/certificates.ts";
import { runScript } from "./lib/script.ts";

const ROLES = {
  server: [],
  installer: ["ImageServer.*", "ObjectServer.*"],
  operator: ["Installer.Shell"],
};

await runScript(async () => {
  const [directory] = process.argv.slice(2);
  if (directory === undefined) throw new Error("usage: make-test-certificates.ts DIRECTORY");
  mkdirSync(directory, { recursive: true });
  const authority = makeTestAuthority("Test CA");
  writeFileSync(join(directory, "CA.pem"), authority.certificate);
  for (const [commonName, methods] of Object.entries(ROLES)) {
    const { certificate, key } = makeTestCertificate({ commonName, methods }, authority);
    mkdirSync(join(directory, commonName), { recursive: true });
    writeFileSync(join(directory, commonName, "cert.pem"), certificate);
    writeFileSync(join(directory, commonName, "key.pem"), key, { mode: 0o600 });
  }
});
