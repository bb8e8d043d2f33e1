import { describe, expect, test } from "vitest";
import type { ObjectId } from "../../../src/core/object-id.ts";
import type { StepContext } from "../../../src/engine/step.ts";
import { DirectoryObjectStore } from "../../../src/objectcache/directory-object-store.ts";
import type { InstallOptions } from "../../../src/steps/install-options.ts";
import { reuseOldRoot } from "../../../src/steps/reuse-old-root.step.ts";
import { oldRootTimeLimitMs, scanOldRoot } from "../../../src/steps/scan-old-root.ts";
import { systemError } from "../../../src/system/system-error.ts";
import { createFakeHost, type FakeHost } from "../../support/fake-host.ts";
import { idOf } from "../../support/image-trees.ts";
import { createRecordingLogger } from "../../support/recording-logger.ts";
import { silentProgress } from "../../support/silent-progress.ts";
import { plan } from "../storage/plan/plan-fixtures.ts";

const OPTIONS = { sysfsDirectory: "/sys", procDirectory: "/proc" } as InstallOptions;

function wantedOf(...contents: readonly string[]): ReadonlyMap<ObjectId, number> {
  return new Map(contents.map((content) => [idOf(content), content.length]));
}

/** A machine whose boot drive has an ext4 file-system on its first partition with these files. */
async function machineWith(oldFiles: Readonly<Record<string, string>>): Promise<FakeHost> {
  const host = createFakeHost({
    files: {
      "/tmp/": "",
      "/sys/class/block/sda/sda1/partition": "1\n",
      "/sys/class/block/sda1/partition": "1\n",
      "/dev/sda": "",
    },
  });
  const head = Buffer.alloc(68 * 1024);
  head.write("\x53\xef", 1080, "latin1");
  await host.files.writeFile("/dev/sda1", head);
  const mount = host.mounts.mount.bind(host.mounts);
  host.mounts.mount = async (request) => {
    await mount(request);
    for (const [path, content] of Object.entries(oldFiles)) {
      const place = `${request.target}${path}`;
      await host.files.makeDirectory(place.slice(0, place.lastIndexOf("/")), { parents: true });
      await host.files.writeFile(place, content);
    }
  };
  const unmount = host.mounts.unmount.bind(host.mounts);
  host.mounts.unmount = async (mountPoint) => {
    await unmount(mountPoint);
    for (const name of await host.files.readDirectoryText(mountPoint))
      await host.files.removeTree(`${mountPoint}/${name}`);
  };
  return host;
}

async function runStep(host: FakeHost, wanted: ReadonlyMap<ObjectId, number>, signal?: AbortSignal) {
  const log = createRecordingLogger();
  const store = new DirectoryObjectStore({ ...host, root: "/cache", durability: "volatile" });
  let readBytes = 0;
  const context: StepContext = {
    host,
    log,
    progress: {
      ...silentProgress,
      advance: (bytes) => {
        readBytes += bytes;
      },
    },
    signal: signal ?? new AbortController().signal,
    cleanup: new AsyncDisposableStack(),
  };
  await reuseOldRoot.run({ options: OPTIONS, plan: plan(), cache: { store, wanted } }, context);
  return { store, messages: log.messages, readBytes };
}

describe("the step reuse-old-root", () => {
  test("takes objects and /etc from the old system", async () => {
    const host = await machineWith({ "/bin/tool": "tool", "/usr/lib/other": "loot", "/etc/hostname": "old" });
    host.commands.expect("blockdev --setro /dev/sda1").expect("blockdev --setrw /dev/sda1");
    const { store, messages, readBytes } = await runStep(host, wantedOf("tool", "elsewhere"));
    expect(await store.has(idOf("tool"))).toBe(true);
    expect(await store.has(idOf("loot"))).toBe(false);
    expect(readBytes).toBe(8);
    expect(messages).toContain("scanning old root");
    expect(messages.join("\n")).toMatch(/^found 1\/2 objects \(4 B\/13 B\) in old file-system in /m);
    expect(await host.files.exists("/var/log/installer/old-etc.tar.gz")).toBe(true);
    expect(await host.mounts.read()).toEqual([]);
    host.commands.assertDone();
  });

  test("does not touch the drive when nothing is missing", async () => {
    const host = await machineWith({ "/bin/tool": "tool", "/etc/hostname": "old" });
    const { messages } = await runStep(host, new Map());
    expect(messages).toEqual([]);
    expect(host.commands.lines).toEqual([]);
  });

  test("a drive without an old system is no error", async () => {
    const host = createFakeHost({ files: { "/dev/sda": "", "/sys/class/block/sda/": "" } });
    const { messages } = await runStep(host, wantedOf("tool"));
    expect(messages).toEqual(["no old root on the boot drive"]);
  });

  test("whatever goes wrong is a warning, and the download has the rest", async () => {
    const host = await machineWith({ "/bin/tool": "tool", "/etc/hostname": "old" });
    host.files.makeTemporaryDirectory = async () => {
      throw systemError("ENOSPC", "mkdtemp", "/tmp");
    };
    host.commands.expect("blockdev --setro /dev/sda1").expect("blockdev --setrw /dev/sda1");
    const { messages } = await runStep(host, wantedOf("tool"));
    expect(messages).toEqual([
      "could not use the old system, going on without it: ENOSPC: no space left on device, mkdtemp '/tmp'",
    ]);
    host.commands.assertDone();
  });

  test("an archive that cannot be written is a warning", async () => {
    const host = await machineWith({ "/bin/tool": "tool", "/etc/hostname": "old" });
    await host.files.makeDirectory("/var/log", { parents: true });
    await host.files.writeFile("/var/log/installer", "a file in place of the directory");
    host.commands.expect("blockdev --setro /dev/sda1").expect("blockdev --setrw /dev/sda1");
    const { store, messages } = await runStep(host, wantedOf("tool"));
    expect(await store.has(idOf("tool"))).toBe(true);
    expect(messages.at(-1)).toMatch(/^could not keep the old \/etc: /);
  });

  test("an interruption is not taken for a bad disk", async () => {
    const host = await machineWith({ "/bin/tool": "tool", "/etc/hostname": "old" });
    const interruption = AbortSignal.abort(new Error("interrupted"));
    await expect(runStep(host, wantedOf("tool"), interruption)).rejects.toThrow("interrupted");
  });
});

describe("the scan of an old root", () => {
  test("stops at its deadline with a warning, and what was found until then counts", async () => {
    const contents = Array.from({ length: 30 }, (_, count) => `tool ${count}`);
    const files = Object.fromEntries(contents.map((content, count) => [`/old/bin/${count}`, content]));
    const host = createFakeHost({ files });
    const log = createRecordingLogger();
    const store = new DirectoryObjectStore({ ...host, root: "/cache", durability: "volatile" });
    const wanted = wantedOf(...contents);
    const deadline = new AbortController();
    await scanOldRoot({
      root: "/old",
      cache: { store, wanted },
      missing: new Set(wanted.keys()),
      files: host.files,
      log,
      signal: new AbortController().signal,
      deadline: deadline.signal,
      onRead: () => deadline.abort(),
    });
    expect(log.messages).toContain(
      "stopped scanning the old root, the network has the rest: the disk is too slow",
    );
    const found = 30 - (await store.missing(wanted.keys())).size;
    expect(found).toBeGreaterThan(0);
    expect(found).toBeLessThan(10);
    expect(log.messages.at(-1)).toContain(`found ${found}/30 objects `);
  });

  test("may take a minute, and as long as a slow network would take", () => {
    expect(oldRootTimeLimitMs(0)).toBe(60_000);
    expect(oldRootTimeLimitMs(400 * 2 ** 20)).toBe(260_000);
  });
});
