import { readdirSync, readFileSync } from "node:fs";
import { mkdir, mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { COMMANDS, DAEMON } from "../../../../src/cli/command-table.ts";
import { createNodeHost } from "../../../../src/system/node/node-host.ts";
import { runInProcess } from "../../../support/program-in-process.ts";

const BROKEN = join(import.meta.dirname, "../../../fixtures/broken-config");

const GOOD: Readonly<Record<string, string>> = {
  "config.json": `{
  "Machine": {"Hostname": "host7.example.com", "HostIpAddress": "10.1.0.7", "hostmacaddress": "52-54-00-00-00-07"},
  "Subnets": [{"Id": "Servers", "IpGateway": "10.1.0.1", "IpMask": "255.255.255.0"}]
}`,
  "storage-layout.json": '{"BootDriveLayout": [{"MountPoint": "/"}]}',
  imagename: "debian/13\n",
  imageserver: "images:6971\n",
};

async function validate(...argv: readonly string[]) {
  const openHost = (): AsyncDisposable => createNodeHost();
  const result = await runInProcess({ daemon: DAEMON, commands: COMMANDS, argv, openHost });
  return { ...result, stdout: result.stdout.toString("utf8") };
}

let root: string;
beforeAll(async () => {
  root = await mkdtemp(join(tmpdir(), "validate-"));
});
afterAll(async () => rm(root, { recursive: true }));

async function folder(name: string, files: Readonly<Record<string, string>>): Promise<string> {
  const path = join(root, name);
  await mkdir(path);
  for (const [file, content] of Object.entries(files)) await writeFile(join(path, file), content);
  return path;
}

describe("says line and column of each problem of the broken folder", () => {
  test.each(readdirSync(BROKEN))("%s", async (name) => {
    const directory = join(BROKEN, name);
    const expected = readFileSync(join(directory, "EXPECTED"), "utf8");
    const { stdout, exitCode } = await validate("validate-config", directory);
    const lines = stdout.replaceAll(`${directory}/`, "").split("\n");
    expect(lines.at(-2)).toMatch(/: \d+ errors?, \d+ warnings?$/);
    expect(lines.slice(0, -2).map((line) => `${line}\n`)).toEqual(expected.match(/.+\n/g));
    expect(exitCode).toBe(expected.includes(": error: ") ? 3 : 0);
  });

  test("of which there are twenty or more", () => {
    expect(readdirSync(BROKEN).length).toBeGreaterThanOrEqual(20);
  });
});

test("a good folder has no problems, whatever the slashes behind its name", async () => {
  const directory = await folder("good", GOOD);
  const { stdout, stderr, exitCode } = await validate("validate-config", `${directory}//`);
  expect([stdout, stderr, exitCode]).toEqual([`${directory}//: no problems\n`, "", 0]);
});

test("the image server may come from the flag instead", async () => {
  const { imageserver: _, ...files } = GOOD;
  const directory = await folder("no-server", files);
  const without = await validate("validate-config", directory);
  expect(without.stdout).toContain("imageserver:1:1: error: there is no such file");
  const { exitCode } = await validate("-imageServerHostname", "images", "validate-config", directory);
  expect([without.exitCode, exitCode]).toEqual([3, 0]);
});

test("a short random-seed is warned of", async () => {
  const directory = await folder("seed", { ...GOOD, "random-seed": "\u00ff\u0000" });
  const { stdout, exitCode } = await validate("validate-config", directory);
  expect(stdout).toContain("random-seed:1:1: warning: holds 3 bytes, 256 or more are needed");
  expect(exitCode).toBe(0);
});

test("a file that cannot be read is an error of that file", async () => {
  const { imagename: _, ...files } = GOOD;
  const directory = await folder("directory-for-file", files);
  await mkdir(join(directory, "imagename"));
  const { stdout, exitCode } = await validate("validate-config", directory);
  expect(stdout).toContain("imagename:1:1: error: EISDIR");
  expect(exitCode).toBe(3);
});

test("JSON has problems, and every value with its place or as the default", async () => {
  const directory = await folder("json", {
    ...GOOD,
    "storage-layout.json": '{\n  "Encrypt": true, "Odd": 1\n}',
  });
  const { stdout, exitCode } = await validate("validate-config", "-json", directory);
  const report = JSON.parse(stdout) as Record<string, unknown>;
  const file = `${directory}/storage-layout.json`;
  expect(exitCode).toBe(3);
  expect(report).toMatchObject({ version: 1, directory, errors: 1, warnings: 1 });
  expect(report["problems"]).toContainEqual({
    file,
    line: 2,
    column: 20,
    severity: "warning",
    key: "Odd",
    message: "unknown key, ignored",
  });
  const values = report["values"];
  expect(values).toContainEqual({ file, key: "Encrypt", value: true, origin: { line: 2, column: 14 } });
  expect(values).toContainEqual({ file, key: "MountBy", value: "label", origin: "default" });
  expect(values).toContainEqual({
    file: `${directory}/config.json`,
    key: "Machine.HostMacAddress",
    value: "52-54-00-00-00-07",
    origin: { line: 2, column: 95 },
  });
  expect(values).toContainEqual({
    file: `${directory}/config.json`,
    key: "Subnets[0].VlanId",
    value: 0,
    origin: "default",
  });
});

test("a directory that is not there", async () => {
  const { stdout, stderr, exitCode } = await validate("validate-config", "/nowhere/at/all");
  expect([stdout, exitCode]).toEqual(["", 3]);
  expect(stderr).toContain(
    "error validating the configuration: reading the directory /nowhere/at/all: ENOENT",
  );
});

test("needs exactly one directory", async () => {
  expect((await validate("validate-config")).exitCode).toBe(2);
  expect((await validate("validate-config", "a", "b")).exitCode).toBe(2);
});
