import { beforeEach, describe, expect, it } from "vitest";
import type { StepContext } from "../../../src/engine/step.ts";
import type { InstallOptions } from "../../../src/steps/install-options.ts";
import { writeSystemFiles } from "../../../src/steps/write-system-files.step.ts";
import type { FileSystem } from "../../../src/system/files.ts";
import { systemError } from "../../../src/system/system-error.ts";
import { createFakeHost, type FakeHost } from "../../support/fake-host.ts";
import { createRecordingLogger } from "../../support/recording-logger.ts";
import { silentProgress } from "../../support/silent-progress.ts";
import { layout, plan } from "../storage/plan/plan-fixtures.ts";

const OPTIONS = {
  mountPoint: "/mnt",
  tmpRoot: "/tmproot",
  tftpDirectory: "/tftpdata",
} as InstallOptions;

const KEY = Buffer.from("00112233445566778899aabbccddeeff", "hex");

let host: FakeHost;

beforeEach(async () => {
  host = createFakeHost({
    files: {
      "/mnt/": "",
      "/tmproot/etc/": "",
      "/tftpdata/config.json": "{}",
      "/tftpdata/sub/secret": "s",
      "/var/log/installer/dhcp/eth0/packet": "p",
    },
  });
  await host.files.writeFile("/tmproot/etc/crypt.key", KEY, { mode: 0o600 });
});

async function write(encrypt: boolean, changes: Partial<FileSystem> = {}): Promise<void> {
  const files = new Proxy<FileSystem>(host.files, {
    get: (target, name) => {
      const value: unknown = Reflect.get(changes, name) ?? Reflect.get(target, name);
      return typeof value === "function" ? value.bind(target) : value;
    },
  });
  const context: StepContext = {
    host: { ...host, files },
    log: createRecordingLogger(),
    progress: silentProgress,
    signal: new AbortController().signal,
    cleanup: new AsyncDisposableStack(),
  };
  const storage = plan({ layout: layout(undefined, { encrypt }) });
  const input = {
    options: OPTIONS,
    plan: storage,
    imageName: "debian/1",
    discardedDrives: new Set<string>(),
  };
  await writeSystemFiles.run(input, context);
}

const modeOf = async (path: string) => (await host.files.lstat(path)).permissions;

it("writes the tables, the record of the image and copies of configuration and DHCP log, for root alone", async () => {
  await write(false);
  expect(await host.files.readText("/mnt/etc/fstab")).toMatch(/^LABEL=rootfs /);
  expect(await host.files.readText("/mnt/var/lib/initial-image")).toBe("debian/1\n");
  const logs = "/mnt/var/log/installer";
  for (const name of ["config.json", "sub/secret", "dhcp/eth0/packet"])
    expect(await modeOf(`${logs}/${name}`)).toBe(0o600);
  expect(await modeOf(logs)).toBe(0o755);
});

describe("the disk key", () => {
  it("is for root to read when something is encrypted", async () => {
    await write(true);
    expect(await host.files.readFile("/mnt/etc/crypt.key")).toEqual(KEY);
    expect(await modeOf("/mnt/etc/crypt.key")).toBe(0o400);
    expect(await host.files.exists("/mnt/etc/crypttab")).toBe(true);
  });

  it("is not there when nothing is", async () => {
    await write(false);
    expect(await host.files.exists("/mnt/etc/crypt.key")).toBe(false);
    expect(await host.files.exists("/mnt/etc/crypttab")).toBe(false);
  });

  it("replaces a link of the image instead of writing through it", async () => {
    await host.files.makeDirectory("/mnt/etc");
    await host.files.makeSymlink("/stolen", "/mnt/etc/crypt.key");
    await write(true);
    expect((await host.files.lstat("/mnt/etc/crypt.key")).type).toBe("file");
    expect(await host.files.exists("/stolen")).toBe(false);
  });
});

it("a full root file-system is no defect of the program, and the error names drive and way out", async () => {
  const full = async (path: unknown) => Promise.reject(systemError("ENOSPC", "write", String(path)));
  await expect(write(false, { writeFileAtomic: full })).rejects.toMatchObject({
    code: "E_TARGET_WRITE",
    message: "writing the system files of /dev/sda in /mnt",
    hint: expect.stringContaining("ENOSPC needs a larger partition"),
  });
});

it("a directory of the image that is a link out of the target is refused", async () => {
  await host.files.makeSymlink("/", "/mnt/var");
  await expect(write(false)).rejects.toMatchObject({ code: "E_TARGET_PATH" });
});
