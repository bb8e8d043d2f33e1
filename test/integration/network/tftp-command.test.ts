import { mkdir, readdir, readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { afterAll, beforeAll, beforeEach, expect, test } from "vitest";
import { NetworkLab } from "../support/network-lab.ts";

// `installer load-configuration-from-tftp` as a process, with dnsmasq at the other end of the wire.

const FILES: Readonly<Record<string, string>> = {
  "config.json": "{}",
  imagename: "debian/13\n",
  imageserver: "10.55.0.1:6971\n",
  "storage-layout.json": "{}",
  "tools-imagename": "tools/1\n",
  "random-seed": "x".repeat(300),
};
const NODE = join(process.cwd(), "node_modules/.bin/node");

let lab: NetworkLab;
let root: string;
let target: string;

beforeAll(async () => {
  lab = await NetworkLab.create(1);
  await lab.setClientAddress();
  root = join(lab.directory, "root");
  await mkdir(root);
  await lab.startDnsmasq("--enable-tftp", `--tftp-root=${root}`);
});
afterAll(async () => lab[Symbol.asyncDispose]());
let runs = 0;
beforeEach(async () => {
  for (const [name, content] of Object.entries(FILES)) await writeFile(join(root, name), content);
  runs += 1;
  target = join(lab.directory, `tftpdata${runs}`);
});

/** Standard output and error together, then the exit code. */
async function load(...flags: readonly string[]): Promise<string> {
  const words = [NODE, "src/main.ts", "-tftpServerHostname", "10.55.0.1", "-tftpDirectory", target, ...flags];
  const script = '"$@" load-configuration-from-tftp 2>&1; echo "exit $?"';
  return lab.onClient("sh", "-c", script, "sh", ...words);
}

async function stored(): Promise<Readonly<Record<string, string>>> {
  const names = (await readdir(target)).toSorted();
  const contents = names.map(async (name) => [name, await readFile(join(target, name), "utf8")] as const);
  return Object.fromEntries(await Promise.all(contents));
}

test("downloads what the daemon does, and nothing else", async () => {
  const output = await load("-logDebugLevel", "1");
  const { "random-seed": _, ...files } = FILES;
  expect(await stored()).toEqual(files);
  expect(output).toContain("downloading: config.json\n");
  expect(output).toContain("copied 300 bytes of random data\n");
  expect(output).toMatch(/\nexit 0\n$/);
});

test("optional files may be absent", async () => {
  await lab.onServer("rm", join(root, "random-seed"), join(root, "tools-imagename"));
  expect(await load()).toMatch(/exit 0\n$/);
  expect(Object.keys(await stored())).toEqual([
    "config.json",
    "imagename",
    "imageserver",
    "storage-layout.json",
  ]);
});

test("without a required file nothing is put in place", async () => {
  await lab.onServer("rm", join(root, "storage-layout.json"));
  const output = await load();
  expect(output).toMatch(
    /^error loading configuration from TFTP: error receiving: storage-layout\.json: .*code: 1/m,
  );
  expect(output).toMatch(/\nexit 1\n$/);
  await expect(readdir(target)).rejects.toMatchObject({ code: "ENOENT" });
});

test("a file that is larger than a configuration can be is refused", async () => {
  // Another file of that name: dnsmasq keeps the old one and its size for a while.
  await lab.onServer("rm", join(root, "imagename"));
  await writeFile(join(root, "imagename"), "x".repeat(4 * 1024 * 1024 + 1));
  const output = await load();
  expect(output).toContain("error receiving: imagename");
  expect(output).toContain("more than the limit of 4194304");
  expect(output).toMatch(/\nexit 1\n$/);
});

test("a dry run downloads and keeps nothing", async () => {
  const output = await load("-dryRun");
  expect(output).toMatch(/\nexit 0\n$/);
  await expect(readdir(target)).rejects.toMatchObject({ code: "ENOENT" });
});
