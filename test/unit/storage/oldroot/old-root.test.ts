import { describe, expect, test } from "vitest";
import type { StorageEnvironment } from "../../../../src/storage/environment.ts";
import { type OldRoot, withOldRoot } from "../../../../src/storage/oldroot/old-root.ts";
import {
  type OldRootCandidate,
  rankCandidates,
} from "../../../../src/storage/oldroot/old-root-candidates.ts";
import { systemError } from "../../../../src/system/system-error.ts";
import { createFakeHost, type FakeHost } from "../../../support/fake-host.ts";
import { createRecordingLogger } from "../../../support/recording-logger.ts";
import { drive, layout, partition, plan } from "../plan/plan-fixtures.ts";

const EXT4 = Buffer.alloc(68 * 1024);
EXT4.write("\x53\xef", 1080, "latin1");
const XFS = Buffer.alloc(68 * 1024);
XFS.write("XFSB", 0, "latin1");
const BTRFS = Buffer.alloc(68 * 1024);
BTRFS.write("_BHRfS_M", 0x10040, "latin1");

/** What lies on a device: its first bytes, and what a mount of it shows. */
interface Content {
  readonly head: Buffer;
  readonly tree?: readonly string[];
  /** Option texts with which it cannot be mounted. */
  readonly refused?: readonly string[];
}

class Machine {
  readonly host: FakeHost = createFakeHost({ files: { "/tmp/": "" } });
  readonly log = createRecordingLogger();
  readonly mounts: string[] = [];
  readonly #contents = new Map<string, Content>();
  readonly interruption = new AbortController();

  /** Adds `sda` (no number) or a partition of it. */
  async add(name: string, content: Content, sysfs: Readonly<Record<string, string>> = {}): Promise<void> {
    const { files } = this.host;
    const place = name === "sda" ? "/sys/class/block/sda" : `/sys/class/block/sda/${name}`;
    const number = /\d+$/.exec(name)?.[0];
    const attributes = { ro: "0\n", ...(number === undefined ? {} : { partition: `${number}\n` }), ...sysfs };
    for (const at of new Set([place, `/sys/class/block/${name}`])) {
      await files.makeDirectory(at, { parents: true });
      for (const [attribute, text] of Object.entries(attributes)) {
        const path = `${at}/${attribute}`;
        await files.makeDirectory(path.slice(0, path.lastIndexOf("/")), { parents: true });
        await files.writeFile(path, text);
      }
    }
    await files.makeDirectory("/dev", { parents: true });
    await files.writeFile(`/dev/${name}`, content.head);
    this.#contents.set(`/dev/${name}`, content);
  }

  /** Scripts the two commands that protect a device while it is mounted. */
  expectProtection(...names: readonly string[]): void {
    for (const name of names)
      this.host.commands.expect(`blockdev --setro /dev/${name}`).expect(`blockdev --setrw /dev/${name}`);
  }

  environment(): StorageEnvironment {
    const { host, log } = this;
    return {
      ...host,
      mounts: {
        mount: async (request) => {
          const { source, target, type, readOnly, untrusted, data } = request;
          const access = `${readOnly === true ? "ro" : "rw"} ${untrusted === true ? "untrusted" : "trusted"}`;
          this.mounts.push(`${source} ${type} ${access} ${data}`);
          const content = this.#contents.get(source);
          if (content?.refused?.includes(data ?? "") === true) throw systemError("EINVAL", "mount", target);
          await host.mounts.mount(request);
          for (const path of content?.tree ?? [])
            await host.files.makeDirectory(`${target}${path}`, { parents: true });
        },
        bind: async (source, target) => host.mounts.bind(source, target),
        unmount: async (mountPoint) => {
          await host.mounts.unmount(mountPoint);
          for (const name of await host.files.readDirectoryText(mountPoint))
            await host.files.removeTree(`${mountPoint}/${name}`);
        },
        read: async () => host.mounts.read(),
      },
      log,
      signal: this.interruption.signal,
      toolsRoot: undefined,
      sysfsDirectory: "/sys",
      procDirectory: "/proc",
    };
  }

  /** The root that was found; afterwards nothing may be left of the search. */
  async search(use: (root: OldRoot) => Promise<void> = async () => undefined): Promise<OldRoot | undefined> {
    let root: OldRoot | undefined;
    try {
      await withOldRoot(plan(), this.environment(), async (found) => {
        root = found;
        await use(found);
      });
    } finally {
      this.host.commands.assertDone();
      expect(await this.host.mounts.read()).toEqual([]);
      expect(await this.host.files.readDirectoryText("/tmp")).toEqual([]);
    }
    return root;
  }
}

const SYSTEM = ["/etc", "/usr"];
const NOTHING = Buffer.alloc(512);

describe("the order in which an old root is looked for", () => {
  const candidate = (partitionNumber: number | undefined, label = ""): OldRootCandidate => ({
    type: "ext4",
    label,
    devicePath: `/dev/sda${partitionNumber ?? ""}`,
    partition: partitionNumber,
    readOnly: false,
  });
  const ordered = (...candidates: readonly OldRootCandidate[]): readonly string[] =>
    rankCandidates(candidates, plan()).map(({ devicePath }) => devicePath);

  test("the planned label, the planned place, then as they lie on the drive, the drive itself last", () => {
    const all = [candidate(undefined), candidate(10), candidate(2), candidate(1), candidate(3, "rootfs")];
    expect(ordered(...all)).toEqual(["/dev/sda3", "/dev/sda1", "/dev/sda2", "/dev/sda10", "/dev/sda"]);
  });

  test("a file-system without label is not taken for one with an empty planned label", () => {
    const withoutRoot = { ...plan(), bootDrive: { ...plan().bootDrive, partitions: [] } };
    expect(
      rankCandidates([candidate(2), candidate(1)], withoutRoot).map(({ partition: number }) => number),
    ).toEqual([1, 2]);
  });

  test("the planned place is that of the root partition, wherever it is", () => {
    const withBoot = plan({
      layout: layout([
        partition("/boot", { minimumBytes: 2 ** 29 }),
        partition("/", { minimumFreeBytes: 2 ** 31 }),
      ]),
    });
    const found = rankCandidates([candidate(1), candidate(2)], withBoot);
    expect(found.map(({ partition: number }) => number)).toEqual([2, 1]);
  });
});

describe("the old root", () => {
  test.each([
    ["ext4", EXT4, "noload,errors=continue"],
    ["xfs", XFS, "norecovery,nouuid"],
    ["btrfs", BTRFS, "rescue=nologreplay"],
  ])("on %s is mounted so that nothing is written, not even its journal", async (type, head, options) => {
    const machine = new Machine();
    await machine.add("sda", { head: NOTHING });
    await machine.add("sda2", { head, tree: SYSTEM });
    machine.expectProtection("sda2");
    const root = await machine.search();
    expect(root).toMatchObject({ devicePath: "/dev/sda2", type });
    expect(machine.mounts).toEqual([`/dev/sda2 ${type} ro untrusted ${options}`]);
    expect(machine.host.commands.lines).toEqual(["blockdev --setro /dev/sda2", "blockdev --setrw /dev/sda2"]);
  });

  test("on an older kernel's btrfs is mounted without the option that it does not know", async () => {
    const machine = new Machine();
    await machine.add("sda", { head: NOTHING });
    await machine.add("sda1", { head: BTRFS, tree: SYSTEM, refused: ["rescue=nologreplay"] });
    machine.expectProtection("sda1");
    expect(await machine.search()).toBeDefined();
    expect(machine.mounts).toHaveLength(2);
  });

  test("is the first that mounts and has a system in it", async () => {
    const machine = new Machine();
    await machine.add("sda", { head: NOTHING });
    await machine.add("sda1", { head: EXT4, tree: ["/etc"] });
    await machine.add("sda2", { head: EXT4, tree: SYSTEM, refused: ["noload,errors=continue"] });
    await machine.add("sda3", { head: XFS, tree: ["/bin", "/etc"] });
    await machine.add("sda4", { head: EXT4, tree: SYSTEM });
    machine.expectProtection("sda1", "sda2", "sda3");
    expect(await machine.search()).toMatchObject({ devicePath: "/dev/sda3" });
  });

  test("may be the whole drive, or a btrfs subvolume", async () => {
    const machine = new Machine();
    await machine.add("sda", { head: BTRFS, tree: ["/@rootfs/etc", "/@rootfs/usr"] });
    machine.expectProtection("sda");
    const root = await machine.search();
    expect(root?.devicePath).toBe("/dev/sda");
    expect(root?.path).toMatch(/^\/tmp\/installer-oldroot-[^/]+\/@rootfs$/);
  });

  test("is not looked for on another drive than the boot drive of the plan", async () => {
    const machine = new Machine();
    await machine.add("sda", { head: NOTHING });
    const data = plan({ drives: [drive("sda"), drive("sdb")] });
    await machine.host.files.writeFile("/dev/sdb", EXT4);
    await machine.host.files.makeDirectory("/sys/class/block/sdb", { parents: true });
    expect(await withOldRoot(data, machine.environment(), async () => undefined)).toBe(false);
    expect(machine.mounts).toEqual([]);
  });

  test.each(["sda", "sda1"])("is not looked for when something is built on %s", async (held) => {
    const machine = new Machine();
    const holders = { "holders/md127": "" };
    await machine.add("sda", { head: EXT4, tree: SYSTEM }, held === "sda" ? holders : {});
    await machine.add("sda1", { head: EXT4, tree: SYSTEM }, held === "sda1" ? holders : {});
    await machine.add("sda2", { head: EXT4, tree: SYSTEM });
    expect(await machine.search()).toBeUndefined();
    expect(machine.log.messages).toEqual([`not looking for an old root: /dev/${held} is held by md127`]);
  });

  test("is not searched without protection from writes", async () => {
    const machine = new Machine();
    await machine.add("sda", { head: NOTHING });
    await machine.add("sda1", { head: EXT4, tree: SYSTEM });
    machine.host.commands.expect("blockdev --setro /dev/sda1", { exitCode: 1 });
    expect(await machine.search()).toBeUndefined();
    expect(machine.mounts).toEqual([]);
    expect(machine.log.messages[0]).toContain("it cannot be protected from writes");
  });

  test("on a device that was read-only before stays so", async () => {
    const machine = new Machine();
    await machine.add("sda", { head: NOTHING });
    await machine.add("sda1", { head: EXT4, tree: SYSTEM }, { ro: "1\n" });
    expect(await machine.search()).toBeDefined();
    expect(machine.host.commands.lines).toEqual([]);
  });

  test("is let go of when its user fails, and when the installation is interrupted meanwhile", async () => {
    const machine = new Machine();
    await machine.add("sda", { head: NOTHING });
    await machine.add("sda1", { head: EXT4, tree: SYSTEM });
    machine.expectProtection("sda1");
    const failing = machine.search(async () => {
      machine.interruption.abort();
      throw new Error("made to fail");
    });
    await expect(failing).rejects.toThrow("made to fail");
  });

  test("whose protection cannot be taken away again is a warning", async () => {
    const machine = new Machine();
    await machine.add("sda", { head: NOTHING });
    await machine.add("sda1", { head: EXT4, tree: SYSTEM });
    machine.host.commands
      .expect("blockdev --setro /dev/sda1")
      .expect("blockdev --setrw /dev/sda1", { exitCode: 1 });
    expect(await machine.search()).toBeDefined();
    expect(machine.log.messages.join("\n")).toContain("allowing writes to /dev/sda1: ");
  });

  test("is not looked for on a partition that cannot be read", async () => {
    const machine = new Machine();
    await machine.add("sda", { head: NOTHING });
    await machine.add("sda1", { head: EXT4, tree: SYSTEM });
    await machine.add("sda2", { head: EXT4, tree: SYSTEM });
    await machine.host.files.removeFile("/dev/sda1");
    machine.expectProtection("sda2");
    expect(await machine.search()).toMatchObject({ devicePath: "/dev/sda2" });
  });
});
