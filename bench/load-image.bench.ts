import { type ChildProcess, execFileSync, spawn } from "node:child_process";
import { randomBytes } from "node:crypto";
import { once } from "node:events";
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";

import { makeTestAuthority, makeTestCertificate } from "../test/support/certificates.ts";
import type { Benchmark } from "./benchmark.ts";

const INSTALLER = path.resolve(import.meta.dirname, "../dist/installer");
const PORT = 46_971;
const IMAGE = "bench/1";
/** About the mix of a small operating system: most files small, most bytes in large ones. */
const SMALL_FILES = 6_000;
const SMALL_BYTES = 4_000;
const LARGE_FILES = 60;
const LARGE_BYTES = 2 ** 21;

let directory = "";
let server: ChildProcess | undefined;

/**
 * `installer load-image` over TLS from a server on this machine, every object verified, against what a person could do by hand
 * with the tree at home: copy it into a tmpfs and have sha512sum read the copy. Needs root, and `npm run build`.
 */
export const benchmarks: readonly Benchmark[] = [
  {
    name: "load-image",
    prepare,
    cleanUp,
    baseline: {
      name: "cp -a and sha512sum",
      run: () =>
        inOwnMounts(
          `mount -t tmpfs none "$1/root" && cp -a "$1/tree/." "$1/root" && find "$1/root" -type f -exec sha512sum {} + >"$1/sums"`,
        ),
    },
    ours: {
      name: "load-image",
      run: () =>
        inOwnMounts(
          `exec "$2" -CAfile "$1/CA.pem" -certFile "$1/client.pem" -keyFile "$1/client.key" -imageServerHostname 127.0.0.1 -imageServerPortNum ${PORT} load-image ${IMAGE} "$1/root" 2>"$1/log"`,
        ),
    },
  },
];

async function prepare(): Promise<void> {
  directory = mkdtempSync(path.join(tmpdir(), "installer-bench-"));
  makeTree(path.join(directory, "tree"));
  mkdirSync(path.join(directory, "root"));
  makeCertificates();
  const store = ["-imageDir", path.join(directory, "images"), "-objectDir", path.join(directory, "objects")];
  execFileSync(INSTALLER, ["image", "add", ...store, IMAGE, path.join(directory, "tree")], {
    stdio: "ignore",
  });
  const file = (name: string): string => path.join(directory, name);
  server = spawn(
    INSTALLER,
    [
      "-CAfile",
      file("CA.pem"),
      "-certFile",
      file("server.pem"),
      "-keyFile",
      file("server.key"),
      "image-server",
    ].concat(store, ["-portNum", String(PORT)]),
    { stdio: ["ignore", "ignore", "pipe"] },
  );
  for await (const text of server.stderr ?? []) if (String(text).includes("serving images")) break;
}

async function cleanUp(): Promise<void> {
  if (server?.exitCode === null) {
    server.kill();
    await once(server, "exit");
  }
  rmSync(directory, { recursive: true, force: true });
}

function makeTree(root: string): void {
  for (const name of ["dev", "proc", "sys", "tmp"]) mkdirSync(path.join(root, name), { recursive: true });
  for (let index = 0; index < SMALL_FILES; index++) {
    const parent = path.join(root, `usr/share/${index % 100}`);
    mkdirSync(parent, { recursive: true });
    writeFileSync(path.join(parent, String(index)), randomBytes(SMALL_BYTES));
  }
  mkdirSync(path.join(root, "usr/lib"));
  for (let index = 0; index < LARGE_FILES; index++) {
    writeFileSync(path.join(root, `usr/lib/${index}`), randomBytes(LARGE_BYTES));
  }
}

function makeCertificates(): void {
  const authority = makeTestAuthority("benchmark authority");
  const serverPair = makeTestCertificate({ commonName: "server" }, authority);
  const clientPair = makeTestCertificate({ commonName: "client", methods: ["*.*"] }, authority);
  const contents = {
    "CA.pem": authority.certificate,
    "server.pem": serverPair.certificate,
    "server.key": serverPair.key,
    "client.pem": clientPair.certificate,
    "client.key": clientPair.key,
  };
  for (const [name, content] of Object.entries(contents)) writeFileSync(path.join(directory, name), content);
}

/** Mounts end with the mount namespace of the script. */
async function inOwnMounts(script: string): Promise<void> {
  execFileSync("unshare", ["--mount", "sh", "-ec", script, "sh", directory, INSTALLER], { stdio: "ignore" });
}
