import { type ChildProcess, spawn, spawnSync } from "node:child_process";
import { once } from "node:events";
import { copyFileSync, linkSync, mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";

import { makeTestAuthority, makeTestCertificate } from "../support/certificates.ts";

const INSTALLER = path.resolve(import.meta.dirname, "../../dist/installer");

/** The binary as an operator uses it: publish, serve over TLS, list, load, compare. */
describe("image commands of the binary", () => {
  const scratch = mkdtempSync(path.join(tmpdir(), "installer-image-commands-"));
  const inScratch = (name: string): string => path.join(scratch, name);
  const store = ["-imageDir", inScratch("images"), "-objectDir", inScratch("objects")];
  let server: ChildProcess;
  let port = "";

  function installer(args: readonly string[]) {
    const { status, stdout, stderr } = spawnSync(INSTALLER, args, { encoding: "utf8", timeout: 60_000 });
    return { status, stdout, stderr };
  }

  function asClient(name: string, ...command: readonly string[]): string[] {
    const certificate = ["-certFile", inScratch(`${name}.pem`), "-keyFile", inScratch(`${name}.key`)];
    const address = ["-imageServerHostname", "127.0.0.1", "-imageServerPortNum", port];
    return ["-CAfile", inScratch("ca.pem"), ...certificate, ...address, ...command];
  }

  beforeAll(async () => {
    makeTree(inScratch("tree"));
    writeCertificates(inScratch);
    for (const name of ["test/2", "test/10"]) {
      const added = installer(["image", "add", ...store, name, inScratch("tree")]);
      expect(added).toMatchObject({ status: 0, stdout: expect.stringContaining(`added image ${name}: `) });
    }
    const identity = [
      "-CAfile",
      inScratch("ca.pem"),
      "-certFile",
      inScratch("server.pem"),
      "-keyFile",
      inScratch("server.key"),
    ];
    server = spawn(INSTALLER, [...identity, "image-server", ...store, "-portNum", "0"], {
      stdio: ["ignore", "ignore", "pipe"],
    });
    for await (const text of server.stderr ?? []) {
      port = /serving images on port (\d+)/.exec(String(text))?.[1] ?? "";
      if (port !== "") break;
    }
  });

  afterAll(async () => {
    server.kill();
    await once(server, "exit");
    rmSync(scratch, { recursive: true, force: true });
  });

  it("lists the images in version order", () => {
    expect(installer(asClient("reader", "list-images"))).toMatchObject({
      status: 0,
      stdout: "test/2\ntest/10\n",
    });
  });

  it.each([
    ["no certificate", "nobody", "it only talks to clients with a certificate"],
    ["the certificate of another authority", "stranger", "the server refused our certificate"],
  ])("is refused with %s, and says so", (_what, client, message) => {
    const { status, stdout, stderr } = installer(asClient(client, "list-images"));
    expect({ status, stdout }).toEqual({ status: 1, stdout: "" });
    expect(stderr).toContain("error listing images: ");
    expect(stderr).toContain(message);
    expect(stderr).toContain("hint: ");
  });

  it("may not fetch objects with a certificate that only identifies", () => {
    const { status, stderr } = installer(asClient("reader", "load-image", "test/2", inScratch("denied")));
    spawnSync("umount", [inScratch("denied")]);
    expect(status).toBe(1);
    expect(stderr).toContain("access to method denied");
  });

  it("loads an image that programs run in, twice over", () => {
    const root = inScratch("root");
    const load = [INSTALLER, ...asClient("machine", "load-image", "test/2", root)];
    // A mount namespace of its own: what load-image mounts ends with it.
    const script = `"$@" && "$@" && chroot ${root} /bin/busybox cat /etc/greeting && chroot ${root} /bin/busybox ls /proc/self/exe`;
    const run = spawnSync("unshare", ["--mount", "sh", "-ec", script, "sh", ...load], { encoding: "utf8" });
    expect(run).toMatchObject({ status: 0, stdout: "hello\n/proc/self/exe\n" });
  });

  it("finds no difference to the tree that was published, and each one that is made", () => {
    const verify = ["image", "verify", ...store, "test/2", inScratch("tree")];
    expect(installer(verify)).toMatchObject({ status: 0, stdout: "" });
    writeFileSync(inScratch("tree/etc/greeting"), "howdy\n");
    writeFileSync(inScratch("tree/etc/extra"), "");
    const { status, stdout } = installer(verify);
    expect(status).toBe(6);
    expect(stdout).toContain("content /etc/greeting");
    expect(stdout).toContain("extra /etc/extra");
  });

  it("refuses to publish a name twice", () => {
    const { status, stderr } = installer(["image", "add", ...store, "test/2", inScratch("tree")]);
    expect(status).not.toBe(0);
    expect(stderr).toContain("test/2");
  });

  it("serves nobody without certificates unless told to", () => {
    const { status, stderr } = installer([
      "-certFile",
      inScratch("none"),
      "image-server",
      ...store,
      "-portNum",
      "0",
    ]);
    expect(status).not.toBe(0);
    expect(stderr).toContain("-allowUnauthenticatedReads");
  });
});

function makeTree(root: string): void {
  for (const directory of ["bin", "dev", "etc", "proc", "sys", "tmp"])
    mkdirSync(path.join(root, directory), { recursive: true });
  copyFileSync("/bin/busybox", path.join(root, "bin/busybox"));
  symlinkSync("busybox", path.join(root, "bin/sh"));
  writeFileSync(path.join(root, "etc/greeting"), "hello\n");
  linkSync(path.join(root, "etc/greeting"), path.join(root, "etc/greeting-again"));
}

function writeCertificates(inScratch: (name: string) => string): void {
  const authority = makeTestAuthority("authority");
  const pairs = {
    server: makeTestCertificate({ commonName: "server" }, authority),
    reader: makeTestCertificate({ commonName: "reader" }, authority),
    machine: makeTestCertificate(
      { commonName: "machine", methods: ["ImageServer.*", "ObjectServer.*"] },
      authority,
    ),
    stranger: makeTestCertificate(
      { commonName: "machine", methods: ["*.*"] },
      makeTestAuthority("another authority"),
    ),
  };
  writeFileSync(inScratch("ca.pem"), authority.certificate);
  for (const [name, { certificate, key }] of Object.entries(pairs)) {
    writeFileSync(inScratch(`${name}.pem`), certificate);
    writeFileSync(inScratch(`${name}.key`), key, { mode: 0o600 });
  }
}
