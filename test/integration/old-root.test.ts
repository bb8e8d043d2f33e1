import { createHash } from "node:crypto";
import {
  copyFileSync,
  linkSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from "node:fs";
import { open } from "node:fs/promises";
import { join } from "node:path";
import { afterAll, describe, expect, test } from "vitest";
import { DirectoryObjectStore } from "../../src/objectcache/directory-object-store.ts";
import { scanOldRoot } from "../../src/steps/scan-old-root.ts";
import type { StorageEnvironment } from "../../src/storage/environment.ts";
import { archiveEtc } from "../../src/storage/oldroot/etc-archive.ts";
import { type OldRoot, withOldRoot } from "../../src/storage/oldroot/old-root.ts";
import { createNodeHost } from "../../src/system/node/node-host.ts";
import { idOf } from "../support/image-trees.ts";
import { createRecordingLogger } from "../support/recording-logger.ts";
import { run, Scratch } from "../support/scratch.ts";
import { drive, plan } from "../unit/storage/plan/plan-fixtures.ts";

const MIB = 2 ** 20;

const host = createNodeHost();
afterAll(async () => host[Symbol.asyncDispose]());

const SMALL = "a small object\n";
const LARGE = Buffer.alloc(3 * MIB, "large object ");
const SECRETS = ["shadow-secret-1", "host-key-secret-2", "pem-secret-3", "wifi-secret-4", "inside-secret-5"];

/** What an old system has, secrets in different guises among it. */
function populate(root: string): void {
  for (const name of ["bin", "etc/ssh", "etc/app/conf.d", "usr/lib", "etc/wpa_supplicant"])
    mkdirSync(join(root, name), { recursive: true });
  writeFileSync(join(root, "bin/small"), SMALL, { mode: 0o755 });
  writeFileSync(join(root, "usr/lib/large"), LARGE);
  linkSync(join(root, "usr/lib/large"), join(root, "usr/lib/also large"));
  writeFileSync(join(root, "etc/hostname"), "old-machine\n");
  writeFileSync(join(root, "etc/shadow"), SECRETS[0] ?? "");
  writeFileSync(join(root, "etc/ssh/ssh_host_rsa_key"), SECRETS[1] ?? "");
  writeFileSync(join(root, "etc/ssh/sshd_config"), "PermitRootLogin no\n", { mode: 0o640 });
  writeFileSync(join(root, "etc/app/tls.pem"), SECRETS[2] ?? "");
  writeFileSync(join(root, "etc/wpa_supplicant/net.conf"), SECRETS[3] ?? "");
  writeFileSync(join(root, "etc/app/innocent"), `-----BEGIN RSA PRIVATE KEY-----\n${SECRETS[4]}\n`);
  symlinkSync("../hostname", join(root, "etc/app/name"));
  run("mkfifo", [join(root, "etc/app/pipe")]);
}

/** Bytes without pattern, the same in each run. */
function noise(lengthBytes: number): Buffer {
  return createHash("shake256", { outputLength: lengthBytes }).update("noise").digest();
}

/** A file that is a drive, attached while the object lives. */
class OldDisk implements Disposable {
  readonly image: string;
  readonly devicePath: string;

  constructor(image: string) {
    this.image = image;
    this.devicePath = run("losetup", ["-P", "--show", "-f", image]).trim();
    run("partprobe", [this.devicePath]);
  }

  get name(): string {
    return this.devicePath.slice("/dev/".length);
  }

  partition(number: number): string {
    return `${this.devicePath}p${number}`;
  }

  [Symbol.dispose](): void {
    run("losetup", ["-d", this.devicePath]);
  }
}

type Mkfs = readonly [program: string, ...args: string[]];

const MKFS: Readonly<Record<string, Mkfs>> = {
  ext4: ["mkfs.ext4", "-q", "-F"],
  xfs: ["mkfs.xfs", "-q", "-f"],
  btrfs: ["mkfs.btrfs", "-q", "-f"],
};

/** A drive with a small first partition and the old root, labelled `oldsys`, on the second. */
function makeDisk(scratch: Scratch, name: string, [program, ...args]: Mkfs, fill = populate): string {
  const image = scratch.at(`${name}.img`);
  run("truncate", ["-s", program === "mkfs.xfs" ? "330M" : "160M", image]);
  run("parted", [
    "-s",
    image,
    "mklabel",
    "gpt",
    "mkpart",
    "a",
    "1MiB",
    "17MiB",
    "mkpart",
    "b",
    "17MiB",
    "100%",
  ]);
  using disk = new OldDisk(image);
  run("mkfs.ext4", ["-q", "-F", "-L", "other", disk.partition(1)]);
  run(program, [...args, "-L", "oldsys", disk.partition(2)]);
  using mounted = new Mounted(disk.partition(2), scratch.at(`${name}-mounted`));
  fill(mounted.path);
  return image;
}

class Mounted implements Disposable {
  readonly path: string;

  constructor(devicePath: string, path: string) {
    mkdirSync(path, { recursive: true });
    run("mount", [devicePath, path]);
    this.path = path;
  }

  [Symbol.dispose](): void {
    run("umount", [this.path]);
  }
}

function sha256(file: string): string {
  return run("sha256sum", [file]).slice(0, 64);
}

interface Outcome {
  readonly found: boolean;
  readonly root: OldRoot | undefined;
  readonly messages: readonly string[];
  readonly hasSmall: boolean;
  readonly hasLarge: boolean;
  readonly archive: string;
}

/** All that the step does, on an attached disk; the drive's bytes must be the same afterwards. */
async function reuse(scratch: Scratch, image: string): Promise<Outcome> {
  const log = createRecordingLogger();
  const signal = new AbortController().signal;
  const environment: StorageEnvironment = {
    ...host,
    log,
    signal,
    toolsRoot: undefined,
    sysfsDirectory: "/sys",
    procDirectory: "/proc",
  };
  const store = new DirectoryObjectStore({ ...host, root: scratch.at("objects"), durability: "volatile" });
  const wanted = new Map([
    [idOf(SMALL), SMALL.length],
    [idOf(LARGE), LARGE.byteLength],
    [idOf("nowhere"), 7],
  ]);
  const cache = { store, wanted };
  const archive = scratch.at("log/installer/old-etc.tar.gz");
  const before = sha256(image);
  let root: OldRoot | undefined;
  let found = false;
  {
    using disk = new OldDisk(image);
    found = await withOldRoot(plan({ drives: [drive(disk.name)] }), environment, async (oldRoot) => {
      root = oldRoot;
      const missing = await store.missing(wanted.keys());
      const deadline = AbortSignal.timeout(60_000);
      await scanOldRoot({
        root: oldRoot.path,
        cache,
        missing,
        files: host.files,
        log,
        signal,
        deadline,
        onRead: () => undefined,
      });
      await archiveEtc({ root: oldRoot.path, archivePath: archive }, { files: host.files, log, signal });
    });
    expect(readFileSync(`/sys/class/block/${disk.name}/${disk.name}p2/ro`, "utf8")).toBe("0\n");
    expect(readFileSync("/proc/self/mounts", "utf8")).not.toContain(disk.devicePath);
  }
  expect(readdirSync("/tmp").filter((name) => name.startsWith("installer-oldroot-"))).toEqual([]);
  expect(sha256(image)).toBe(before);
  return {
    found,
    root,
    messages: log.messages,
    hasSmall: await store.has(idOf(SMALL)),
    hasLarge: await store.has(idOf(LARGE)),
    archive,
  };
}

function expectArchiveWithoutSecrets(archive: string): void {
  expect(statSync(archive).mode & 0o777).toBe(0o600);
  const listed = run("tar", ["--list", "--gzip", "--verbose", "--numeric-owner", "--file", archive]);
  expect(listed).toMatch(/^drwxr-xr-x 0\/0 .* etc\/$/m);
  expect(listed).toMatch(/^-rw-r----- 0\/0 .* etc\/ssh\/sshd_config$/m);
  expect(listed).toMatch(/^lrwxrwxrwx 0\/0 .* etc\/app\/name -> \.\.\/hostname$/m);
  expect(listed).not.toMatch(/shadow|_key|pem|wpa|innocent|pipe/);
  const content = run("tar", ["--extract", "--gzip", "--to-stdout", "--file", archive]);
  expect(content).toContain("old-machine\n");
  for (const secret of SECRETS) expect(content).not.toContain(secret);
  const leftOut = run("tar", ["--extract", "--gzip", "--to-stdout", "--file", archive, "old-etc/LEFT-OUT"]);
  expect(
    leftOut
      .trim()
      .split("\n")
      .map((line) => line.split(":")[0]),
  ).toEqual([
    "etc/app/innocent",
    "etc/app/pipe",
    "etc/app/tls.pem",
    "etc/shadow",
    "etc/ssh/ssh_host_rsa_key",
    "etc/wpa_supplicant",
  ]);
}

describe.each(["ext4", "xfs", "btrfs"])("an old system on %s", (type) => {
  const mkfs = MKFS[type] ?? ["false"];

  test("gives its objects and its /etc, and not one byte of its drive changes", async () => {
    using scratch = new Scratch();
    const outcome = await reuse(scratch, makeDisk(scratch, "clean", mkfs));
    expect(outcome).toMatchObject({ found: true, root: { type }, hasSmall: true, hasLarge: true });
    expect(outcome.messages.filter((line) => /scan|found/.test(line))).toEqual([
      expect.stringMatching(/^found old root on \/dev\/loop\d+p2 /),
      "scanning old root",
      expect.stringMatching(/^scanned old root \d+ \w+ in \S+ \(\d+ \w+\/s\)$/),
      expect.stringMatching(/^found 2\/3 objects \(3072 KiB\/3072 KiB\) in old file-system in /),
    ]);
    expectArchiveWithoutSecrets(outcome.archive);
  });

  test("that was cut off in the middle of its work is not repaired by being looked at", async () => {
    using scratch = new Scratch();
    const image = makeDisk(scratch, "live", mkfs);
    const cut = scratch.at("cut.img");
    {
      using disk = new OldDisk(image);
      using mounted = new Mounted(disk.partition(2), scratch.at("running"));
      mkdirSync(join(mounted.path, "srv/work"), { recursive: true });
      for (let count = 0; count < 50; count++) {
        writeFileSync(join(mounted.path, "srv/work", `${count}`), noise(5000));
        await using file = await open(join(mounted.path, "srv/work", `${count}`), "r+");
        await file.sync();
      }
      // The journal has what the file-system has not: as after a power cut.
      copyFileSync(image, cut);
    }
    const outcome = await reuse(scratch, cut);
    expect(outcome).toMatchObject({ found: true, root: { type }, hasSmall: true, hasLarge: true });
    expectArchiveWithoutSecrets(outcome.archive);
    // An ordinary read-only mount would have replayed the journal.
    const before = sha256(cut);
    {
      using disk = new OldDisk(cut);
      run("mount", ["-o", "ro", disk.partition(2), scratch.at("running")]);
      run("umount", [scratch.at("running")]);
    }
    expect(sha256(cut)).not.toBe(before);
  });
});

test("a damaged old file-system is a warning and no failure, and its errors are not written to it", async () => {
  using scratch = new Scratch();
  const names = Array.from({ length: 300 }, (_, count) => `etc/directory-${count}`);
  const image = makeDisk(scratch, "damaged", MKFS["ext4"] ?? ["false"], (root) => {
    populate(root);
    for (const name of names) {
      mkdirSync(join(root, name));
      writeFileSync(join(root, name, "file"), "x".repeat(SMALL.length));
    }
  });
  {
    using disk = new OldDisk(image);
    const device = disk.partition(2);
    const kept = inodeBlocks(device, ["/", "etc", "bin", "bin/small", "etc/hostname", "usr", "usr/lib"]);
    await using file = await open(device, "r+");
    for (const place of inodeBlocks(device, names))
      if (!kept.has(place)) await file.write(noise(1024), 0, 1024, place);
    await file.sync();
  }
  const outcome = await reuse(scratch, image);
  expect(outcome).toMatchObject({ found: true, hasSmall: true });
  const warnings = outcome.messages.filter((line) => line.startsWith("passed over while looking"));
  expect(warnings.length).toBeGreaterThan(10);
  expect(outcome.messages.join("\n")).toContain("further warnings of this kind");
  expect(run("tar", ["-xzOf", outcome.archive, "old-etc/LEFT-OUT"])).toContain("cannot be read: EUCLEAN\n");
  expect(run("tar", ["-xzOf", outcome.archive, "etc/hostname"])).toBe("old-machine\n");
});

/** Where the inodes of these files lie on the device, in bytes, rounded down to whole kibibytes. */
function inodeBlocks(device: string, paths: readonly string[]): ReadonlySet<number> {
  const blockBytes = Number(/Block size:\s+(\d+)/.exec(run("dumpe2fs", ["-h", device]))?.[1]);
  const places = paths.map((path) => {
    const [, block, offset] =
      /located at block (\d+), offset (0x[0-9a-f]+)/.exec(run("debugfs", ["-R", `imap ${path}`, device])) ??
      [];
    const place = Number(block) * blockBytes + Number(offset);
    return place - (place % 1024);
  });
  return new Set(places);
}

test("random bytes over the middle of a drive do not stop anything", async () => {
  using scratch = new Scratch();
  const image = makeDisk(scratch, "random", MKFS["ext4"] ?? ["false"]);
  {
    await using file = await open(image, "r+");
    for (let offset = 20 * MIB; offset < 150 * MIB; offset += 5 * MIB)
      await file.write(noise(MIB), 0, MIB, offset);
  }
  await reuse(scratch, image);
});

test("a system in a btrfs subvolume is found", async () => {
  using scratch = new Scratch();
  const image = makeDisk(scratch, "subvolume", MKFS["btrfs"] ?? ["false"], (root) => {
    run("btrfs", ["subvolume", "create", join(root, "@")]);
    run("btrfs", ["subvolume", "create", join(root, "@home")]);
    populate(join(root, "@"));
  });
  const outcome = await reuse(scratch, image);
  expect(outcome).toMatchObject({ found: true, hasSmall: true, hasLarge: true });
  expect(outcome.root?.path).toMatch(/\/@$/);
});

test("the file-system with the planned label comes before the planned place", async () => {
  using scratch = new Scratch();
  const image = makeDisk(scratch, "labelled", [...(MKFS["ext4"] ?? ["false"])] as unknown as Mkfs);
  {
    using disk = new OldDisk(image);
    run("tune2fs", ["-L", "rootfs", disk.partition(2)]);
    using mounted = new Mounted(disk.partition(1), scratch.at("first"));
    mkdirSync(join(mounted.path, "etc"));
    mkdirSync(join(mounted.path, "bin"));
  }
  const outcome = await reuse(scratch, image);
  expect(outcome.root?.devicePath).toMatch(/p2$/);
});

test("a drive without an old system, and one without anything, are no error", async () => {
  using scratch = new Scratch();
  const withoutSystem = makeDisk(scratch, "data", MKFS["ext4"] ?? ["false"], (root) => {
    writeFileSync(join(root, "file"), "data");
  });
  expect(await reuse(scratch, withoutSystem)).toMatchObject({ found: false, hasSmall: false });
  const whole = scratch.at("whole.img");
  run("truncate", ["-s", "64M", whole]);
  run("parted", [
    "-s",
    whole,
    "mklabel",
    "gpt",
    "mkpart",
    "a",
    "1MiB",
    "17MiB",
    "mkpart",
    "b",
    "17MiB",
    "100%",
  ]);
  expect(await reuse(scratch, whole)).toMatchObject({ found: false });
});

test("a file-system that is in use is left alone", async () => {
  using scratch = new Scratch();
  const image = makeDisk(scratch, "used", MKFS["ext4"] ?? ["false"]);
  using disk = new OldDisk(image);
  using mounted = new Mounted(disk.partition(2), scratch.at("used"));
  const log = createRecordingLogger();
  const environment: StorageEnvironment = {
    ...host,
    log,
    signal: new AbortController().signal,
    toolsRoot: undefined,
    sysfsDirectory: "/sys",
    procDirectory: "/proc",
  };
  const found = await withOldRoot(plan({ drives: [drive(disk.name)] }), environment, async () => undefined);
  expect(found).toBe(false);
  expect(log.messages.join("\n")).toContain(`it is mounted on ${mounted.path}`);
  writeFileSync(join(mounted.path, "still-writable"), "");
});

test("whatever fails while it is looked at, the old system is let go of", async () => {
  using scratch = new Scratch();
  const image = makeDisk(scratch, "failing", MKFS["ext4"] ?? ["false"]);
  using disk = new OldDisk(image);
  const interruption = new AbortController();
  const environment: StorageEnvironment = {
    ...host,
    log: createRecordingLogger(),
    signal: interruption.signal,
    toolsRoot: undefined,
    sysfsDirectory: "/sys",
    procDirectory: "/proc",
  };
  const failing = withOldRoot(plan({ drives: [drive(disk.name)] }), environment, async () => {
    interruption.abort();
    throw new Error("made to fail");
  });
  await expect(failing).rejects.toThrow("made to fail");
  expect(readFileSync("/proc/self/mounts", "utf8")).not.toContain(disk.devicePath);
  expect(readFileSync(`/sys/class/block/${disk.name}/${disk.name}p2/ro`, "utf8")).toBe("0\n");
});
