import { beforeAll, describe, expect, it } from "vitest";
import { CredentialKeeper } from "../../../../src/rpc/tls/credential-keeper.ts";
import type { CredentialFiles } from "../../../../src/rpc/tls/credentials.ts";
import {
  makeTestAuthority,
  makeTestCertificate,
  type TestCertificate,
} from "../../../support/certificates.ts";
import { FakeClock } from "../../../support/fake-host.ts";
import { createRecordingLogger } from "../../../support/recording-logger.ts";

const names: CredentialFiles = {
  caFile: "/ssl/CA.pem",
  identityCaFile: "",
  certificateFile: "/ssl/cert.pem",
  keyFile: "/ssl/key.pem",
};
const CHANGED = "certificates have changed: new connections use the new ones";

describe("CredentialKeeper", () => {
  let authority: TestCertificate;
  let first: TestCertificate;
  let second: TestCertificate;
  beforeAll(() => {
    authority = makeTestAuthority("Test CA");
    first = makeTestCertificate({ commonName: "first" }, authority);
    second = makeTestCertificate({ commonName: "second" }, authority);
  });

  async function open(generateMissing = false) {
    const contents = new Map([
      ["/ssl/CA.pem", authority.certificate],
      ["/ssl/cert.pem", first.certificate],
      ["/ssl/key.pem", first.key],
    ]);
    const files = {
      readText: async (path: string | Buffer): Promise<string> => {
        const text = contents.get(String(path));
        if (text === undefined) throw Object.assign(new Error("absent"), { code: "ENOENT" });
        return text;
      },
    };
    const log = createRecordingLogger();
    const clock = new FakeClock({ manual: true, nowMs: Date.now() });
    const make = () =>
      CredentialKeeper.open({ files, names: { ...names, generateMissing }, clock, log, intervalMs: 1000 });
    return { contents, log, clock, make };
  }

  it("keeps the same credentials while the files stay the same", async () => {
    const { make, log } = await open();
    const keeper = await make();
    const before = keeper.current();
    await keeper.refresh();
    expect(keeper.current()).toBe(before);
    expect(keeper.current().server?.certificates).toBe(first.certificate);
    expect(log.messages).toEqual([]);
  });

  it("uses a new certificate and its key", async () => {
    const { make, log, contents } = await open();
    const keeper = await make();
    contents.set("/ssl/cert.pem", second.certificate).set("/ssl/key.pem", second.key);
    await keeper.refresh();
    await keeper.refresh();
    expect(keeper.current().server?.certificates).toBe(second.certificate);
    expect(keeper.current().client?.certificates).toBe(second.certificate);
    expect(log.messages).toEqual([CHANGED]);
  });

  it("uses a new authority, be it one without anybody in it", async () => {
    const { make, log, contents } = await open();
    const keeper = await make();
    contents.set("/ssl/CA.pem", makeTestAuthority("Other CA").certificate);
    await keeper.refresh();
    const roots = () => keeper.current().server?.anchors?.methodRoots.map(({ subject }) => subject);
    expect(roots()).toEqual(["CN=Other CA"]);
    contents.set("/ssl/CA.pem", "");
    await keeper.refresh();
    expect(roots()).toEqual([]);
    expect(log.messages).toEqual([
      CHANGED,
      CHANGED,
      "/ssl/CA.pem contains no certificate: no client can pass",
    ]);
  });

  it.each([
    ["a certificate without its key", "/ssl/cert.pem", () => second.certificate, "matching the private key"],
    ["a broken key", "/ssl/key.pem", () => "garbage", "parsing the private key /ssl/key.pem"],
    ["an empty certificate", "/ssl/cert.pem", () => "", "finding the certificate /ssl/cert.pem"],
    ["a removed authority", "/ssl/CA.pem", () => undefined, "finding the certificate authority /ssl/CA.pem"],
    ["a removed key", "/ssl/key.pem", () => undefined, "finding the private key /ssl/key.pem"],
  ])("keeps the old ones in spite of %s, and says so once", async (_, path, content, reason) => {
    const { make, log, contents } = await open(true);
    const keeper = await make();
    const before = keeper.current();
    const text = content();
    const old = contents.get(path) ?? "";
    if (text === undefined) contents.delete(path);
    else contents.set(path, text);
    await keeper.refresh();
    await keeper.refresh();
    expect(keeper.current()).toBe(before);
    const warning = expect.stringContaining(`the old ones stay in use: ${reason}`);
    expect(log.messages).toEqual([warning]);
    contents.set(path, old);
    await keeper.refresh();
    expect(keeper.current()).toBe(before);
    expect(log.messages).toEqual([warning]);
  });

  it("finds certificates that were not there at first", async () => {
    const { make, contents } = await open(true);
    const later = new Map(contents);
    contents.clear();
    const keeper = await make();
    const made = keeper.current().server;
    expect([made?.anchors, keeper.current().client]).toEqual([undefined, undefined]);
    for (const [path, text] of later) contents.set(path, text);
    await keeper.refresh();
    expect(keeper.current().server?.certificates).toBe(first.certificate);
    expect(keeper.current().server?.anchors?.methodRoots).toHaveLength(1);
  });

  it("never remembers the key as text", async () => {
    const { make } = await open();
    const keeper = await make();
    expect(JSON.stringify(keeper)).not.toContain(first.key.split("\n")[1]);
  });

  it("looks at the files at its interval until told to stop", async () => {
    const { make, clock, contents } = await open();
    const keeper = await make();
    const controller = new AbortController();
    const watching = keeper.watch(controller.signal);
    contents.set("/ssl/cert.pem", second.certificate).set("/ssl/key.pem", second.key);
    clock.advance(999);
    expect(keeper.current().server?.certificates).toBe(first.certificate);
    clock.advance(1);
    await expect.poll(() => keeper.current().server?.certificates).toBe(second.certificate);
    controller.abort();
    await watching;
  });
});
