import { describe, expect, it } from "vitest";
import { findCredentials } from "../../../../src/cli/remote/find-credentials.ts";
import { makeTestCertificate } from "../../../support/certificates.ts";
import { createFakeHost, FakeClock } from "../../../support/fake-host.ts";

const own = makeTestCertificate({ commonName: "alice" });
const old = makeTestCertificate({ commonName: "old", key: own.key, notAfter: new Date(Date.now() - 1000) });
const DEFAULT_FLAGS = {
  certFile: "/etc/ssl/installer/cert.pem",
  keyFile: "/etc/ssl/installer/key.pem",
};
const inHome = { "/home/alice/.ssl/me.cert": own.certificate, "/home/alice/.ssl/me.key": own.key };
const ofMachine = {
  "/etc/ssl/installer/cert.pem": own.certificate,
  "/etc/ssl/installer/key.pem": own.key,
};

async function find(
  files: Readonly<Record<string, string>>,
  given: Partial<Parameters<typeof findCredentials>[1]> = {},
) {
  const host = { ...createFakeHost({ files }), clock: new FakeClock({ nowMs: Date.now() }) };
  const places = { flags: DEFAULT_FLAGS, certDirectory: "$HOME/.ssl", home: "/home/alice", ...given };
  return findCredentials(host, places);
}

describe("findCredentials", () => {
  it("looks into the home directory", async () => {
    const { client } = await find(inHome);
    expect(client?.certificateFile).toBe("/home/alice/.ssl/me.cert");
  });

  it("prefers a pair that is named, wherever else there is one", async () => {
    const flags = { certFile: "/tmp/c", keyFile: "/tmp/k" };
    const { client } = await find({ ...inHome, "/tmp/c": own.certificate, "/tmp/k": own.key }, { flags });
    expect(client?.certificateFile).toBe("/tmp/c");
  });

  it("does not go on with another pair when the one that was named is missing", async () => {
    const flags = { certFile: "/tmp/c", keyFile: "/tmp/k" };
    await expect(find(inHome, { flags })).rejects.toMatchObject({ code: "E_TLS_CERTIFICATE_MISSING" });
  });

  it("falls back to the pair of the machine", async () => {
    const { client } = await find(ofMachine, { home: undefined });
    expect(client?.certificateFile).toBe("/etc/ssl/installer/cert.pem");
  });

  it("finds nobody where there is nothing, and does not take `$HOME` for a name", async () => {
    await expect(find({})).resolves.toEqual({ client: undefined, problems: [] });
    await expect(find(inHome, { home: "" })).resolves.toEqual({ client: undefined, problems: [] });
    const literal = { "$HOME/.ssl/me.cert": own.certificate };
    await expect(find(literal, { home: undefined })).resolves.toMatchObject({ client: undefined });
  });

  it("tells what is wrong with the only pair there is", async () => {
    const { client, problems } = await find({ ...inHome, "/home/alice/.ssl/me.cert": old.certificate });
    expect(client).toBeUndefined();
    expect(problems.map(({ message }) => message)).toEqual([
      expect.stringMatching(/^\/home\/alice\/\.ssl\/me\.cert expired .* ago$/),
    ]);
  });
});
