import { execFileSync } from "node:child_process";
import { createHash } from "node:crypto";
import {
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  truncateSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, expect, test } from "vitest";
import { COMMANDS, DAEMON } from "../../src/cli/command-table.ts";
import { silentLogger } from "../../src/core/logger.ts";
import { publishImage } from "../../src/imageserver/publish-image.ts";
import { startImageServer } from "../../src/imageserver/start-image-server.ts";
import type { ListeningPort } from "../../src/rpc/port/listen.ts";
import { createDryRunHost } from "../../src/system/dry-run/dry-run-host.ts";
import { createNodeHost } from "../../src/system/node/node-host.ts";
import { FakeInterfaces } from "../support/fake-host.ts";
import { makeFakeSysfs } from "../support/fake-sysfs.ts";
import { runInProcess } from "../support/program-in-process.ts";

const MIB = 2 ** 20;
const LAYOUT = {
  BootDriveLayout: [{ MountPoint: "/", MinimumFreeBytes: 128 * MIB }],
  ExtraMountPointsBasename: "/data/",
};

const host = createNodeHost();
const scratch = mkdtempSync(join(tmpdir(), "plan-command-"));
const at = (name: string): string => join(scratch, name);
const devices: string[] = [];
let server: ListeningPort;

function run(program: string, ...args: readonly string[]): string {
  return execFileSync(program, args, { encoding: "utf8", stdio: ["ignore", "pipe", "pipe"] });
}

/** A loop device of our own; `prepare` puts an old system on it. */
function attach(name: string, sizeBytes: number, ...prepare: readonly (readonly string[])[]): string {
  writeFileSync(at(`${name}.img`), "");
  truncateSync(at(`${name}.img`), sizeBytes);
  const device = run("losetup", "-P", "--show", "-f", at(`${name}.img`)).trim();
  devices.push(device);
  for (const [program = "", ...args] of prepare)
    run(program, ...args.map((word) => word.replace("DEVICE", device)));
  return device.slice("/dev/".length);
}

let boot = "";
let data = "";

beforeAll(async () => {
  for (const directory of ["tree/boot", "tree/etc", "tree/usr/sbin", "tftp"])
    mkdirSync(at(directory), { recursive: true });
  for (const name of ["boot/vmlinuz-6.1", "boot/initrd.img-6.1", "etc/hostname"])
    writeFileSync(at(`tree/${name}`), name);
  for (const program of ["parted", "cryptsetup", "mkfs.ext4", "mkfs.vfat", "grub-install"])
    writeFileSync(at(`tree/usr/sbin/${program}`), program, { mode: 0o755 });
  const store = { imageDirectory: at("images"), objectDirectory: at("objects") };
  const { signal } = new AbortController();
  await publishImage({ name: "os/1", source: at("tree"), ...store, host, signal, log: silentLogger });
  server = await startImageServer({
    ...store,
    port: 0,
    address: "127.0.0.1",
    allowUnauthenticatedReads: true,
    hostname: "lab",
    host,
    log: silentLogger,
  });
  boot = attach(
    "boot",
    384 * MIB,
    [
      "parted",
      "-s",
      "DEVICE",
      "mklabel",
      "gpt",
      "mkpart",
      "p",
      "1MiB",
      "65MiB",
      "mkpart",
      "p",
      "65MiB",
      "100%",
    ],
    ["mkfs.ext4", "-q", "-L", "oldroot", "DEVICEp1"],
    ["mkswap", "DEVICEp2"],
  );
  data = attach("data", 64 * MIB, ["mkfs.vfat", "-n", "OLD", "DEVICE"]);
  makeFakeSysfs(at("sys"), [
    { name: boot, model: "FAST DISK", serial: "S1" },
    { name: data, serial: "S2" },
  ]);
  writeFileSync(at("layout.json"), JSON.stringify(LAYOUT));
});

afterAll(async () => {
  await server[Symbol.asyncDispose]();
  await host[Symbol.asyncDispose]();
  for (const device of devices) run("losetup", "-d", device);
  rmSync(scratch, { recursive: true });
});

/** Everything that could have changed: the drives, and the files around. */
function fingerprint(): readonly string[] {
  run("sync", at("boot.img"));
  const hashes = ["boot", "data"].map((name) =>
    createHash("sha256")
      .update(readFileSync(at(`${name}.img`)))
      .digest("hex"),
  );
  return [...hashes, ...readdirSync(scratch, { recursive: true }).map(String).sort()];
}

async function installer(...argv: readonly string[]) {
  const common = [
    "-sysfsDirectory",
    at("sys"),
    "-tftpDirectory",
    at("tftp"),
    "-imageServerHostname",
    "127.0.0.1",
    "-imageServerPortNum",
    String(server.port),
  ];
  const { exitCode, stdout, stderr } = await runInProcess({
    argv: [...common, ...argv],
    daemon: DAEMON,
    commands: COMMANDS,
    openHost: (isDryRun) => {
      expect(isDryRun).toBe(true);
      // The network of the machine that the test runs on is not to be relied on.
      const card = { macAddress: "02:00:00:00:00:01", isUp: true, isBroadcast: true, isPhysical: true };
      const interfaces = new FakeInterfaces([{ name: "eth0", ...card, hasCarrier: true, mtu: 1500 }]);
      const readOnly = createDryRunHost({ ...host, interfaces }, silentLogger);
      return { ...readOnly, [Symbol.asyncDispose]: () => Promise.resolve() };
    },
  });
  return { exitCode, stdout: stdout.toString("utf8"), stderr };
}

const planLines = (): readonly string[] => [
  "adding implied last partition: /data/0",
  `boot drive /dev/${boot}: will be erased; GPT partition table, EFI`,
  "  drive: 384 MiB; virtio; model FAST DISK; serial S1; path pci-0000:00:04.0",
  `  now:   GPT; ${boot}p1: ext4 "oldroot"; ${boot}p2: swap`,
];

test("the plan is printed and nothing is changed, neither on the drives nor around", async () => {
  const before = fingerprint();
  const result = await installer("plan", "-image", "os/1", "-layout", at("layout.json"), "-firmware", "efi");
  expect(result).toMatchObject({ exitCode: 0 });
  const lines = result.stdout.trimEnd().split("\n");
  expect(lines.slice(0, 4)).toEqual(planLines());
  expect(lines).toContain('  now:   vfat "OLD"');
  expect(lines.find((line) => line.includes(`/dev/${boot}p2 `))).toMatch(/ext4 +rootfs +no +\/$/);
  expect(result.stderr).toContain(`selected drives: ${boot} ${data}`);
  // Programs that read standard output must not find the plan twice on a terminal.
  expect(result.stderr).not.toContain("will be erased");
  expect(fingerprint()).toEqual(before);
});

test("the same plan as JSON", async () => {
  const { exitCode, stdout } = await installer(
    "plan",
    "-json",
    "-image",
    "os/1",
    "-layout",
    at("layout.json"),
    "-firmware",
    "bios",
  );
  expect(exitCode).toBe(0);
  expect(JSON.parse(stdout)).toMatchObject({
    version: 1,
    image: "os/1",
    firmware: "bios",
    drives: [
      {
        name: boot,
        serial: "S1",
        role: "boot",
        carries: ["GPT", `${boot}p1: ext4 "oldroot"`, `${boot}p2: swap`],
      },
      { name: data, role: "data", carries: ['vfat "OLD"'] },
    ],
  });
});

test("-dryRun of the daemon logs the same text, changes nothing and exits 0", async () => {
  writeFileSync(at("tftp/storage-layout.json"), JSON.stringify(LAYOUT));
  writeFileSync(at("tftp/imagename"), "os/1\n");
  const machine = { HostIpAddress: "192.0.2.2", HostMacAddress: "02:00:00:00:00:01" };
  const subnet = {
    Id: "lab",
    IpGateway: "192.0.2.1",
    IpMask: "255.255.255.0",
    DomainNameServers: ["192.0.2.1"],
  };
  writeFileSync(at("tftp/config.json"), JSON.stringify({ Machine: machine, Subnets: [subnet] }));
  const before = fingerprint();
  const printed = (await installer("plan")).stdout.trimEnd().split("\n");
  const { exitCode, stderr } = await installer("-dryRun", "-shellCommand=", "-portNum", "0");
  const logged = stderr.split("\n");
  const start = logged.findIndex((line) => line.endsWith(printed[0] ?? "?"));
  expect(
    logged.slice(start, start + printed.length).map((line, index) => line.endsWith(printed[index] ?? "?")),
  ).toEqual(printed.map(() => true));
  expect(printed.length).toBeGreaterThan(10);
  expect(stderr).toContain("dry run: nothing was changed");
  expect(exitCode).toBe(0);
  expect(fingerprint()).toEqual(before);
});

test("a selection that fails lists every drive, and why", async () => {
  const declared = { ...LAYOUT, BootDrive: { Serial: "S3" } };
  writeFileSync(at("declared.json"), JSON.stringify(declared));
  const before = fingerprint();
  const { exitCode, stdout, stderr } = await installer(
    "plan",
    "-image",
    "os/1",
    "-layout",
    at("declared.json"),
  );
  expect({ exitCode, stdout }).toEqual({ exitCode: 3, stdout: "" });
  expect(stderr).toMatch(new RegExp(`${boot} 384 MiB.*Serial is "S1"`));
  expect(stderr).toMatch(new RegExp(`${data} 64 MiB.*Serial is "S2"`));
  expect(fingerprint()).toEqual(before);
});

test("a drive selector that names no drive: the table of drives helps on", async () => {
  writeFileSync(at("selector"), "#!/bin/sh\necho nosuch\n", { mode: 0o755 });
  const { exitCode, stderr } = await installer(
    "-driveSelector",
    at("selector"),
    "plan",
    "-image",
    "os/1",
    "-layout",
    at("layout.json"),
  );
  expect(exitCode).toBe(3);
  expect(stderr).toMatch(new RegExp(`${boot} +384 MiB +virtio +FAST DISK +S1`));
  expect(stderr).toContain("cannot select non-existant drive: nosuch");
});

test("only this drive, when it is named", async () => {
  writeFileSync(at("named.json"), JSON.stringify({ ...LAYOUT, BootDrive: { Serial: "S1" } }));
  const { exitCode, stdout } = await installer(
    "plan",
    "-json",
    "-image",
    "os/1",
    "-layout",
    at("named.json"),
  );
  expect(exitCode).toBe(0);
  expect(JSON.parse(stdout).drives.map(({ name }: { name: string }) => name)).toEqual([boot]);
});

test.each([
  ["an unknown firmware", ["-firmware", "open"], 2, "bios or efi"],
  [
    "a layout file that is not there",
    ["-layout", "/nonexistent/layout.json"],
    3,
    "there is no /nonexistent/layout.json",
  ],
  ["an image that is not there", ["-image", "none/1", "-layout", "LAYOUT"], 3, "none"],
])("%s", async (_what, args, code, message) => {
  const words = args.map((word) => (word === "LAYOUT" ? at("layout.json") : word));
  const { exitCode, stdout, stderr } = await installer("plan", ...words);
  expect({ exitCode, stdout }).toEqual({ exitCode: code, stdout: "" });
  expect(stderr).toContain("error planning: ");
  expect(stderr).toContain(message);
});
