import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { errnoOf } from "../../../src/core/errors.ts";
import { silentLogger } from "../../../src/core/logger.ts";
import { createDryRunHost } from "../../../src/system/dry-run/dry-run-host.ts";
import type { FileSystem } from "../../../src/system/files.ts";
import type { Mounts } from "../../../src/system/mounts.ts";
import { createNodeHost } from "../../../src/system/node/node-host.ts";
import { createFakeHost } from "../../support/fake-host.ts";

interface Machine {
  readonly files: FileSystem;
  readonly mounts: Mounts;
}

const adapters: readonly (readonly [string, () => Machine])[] = [
  ["NodeMounts", createNodeHost],
  ["FakeMounts", createFakeHost],
];

describe.each(adapters)("mounts: %s", (_, createMachine) => {
  let scratch = "";
  let machine: Machine = createMachine();
  const at = (name: string): string => join(scratch, name);

  beforeEach(async () => {
    scratch = mkdtempSync(join(tmpdir(), "mounts contract-"));
    machine = createMachine();
    for (const name of ["a", "b"]) await machine.files.makeDirectory(at(name), { parents: true });
  });
  afterEach(async () => {
    for (const entry of (await machine.mounts.read()).toReversed()) {
      if (entry.mountPoint.startsWith(scratch)) await machine.mounts.unmount(entry.mountPoint);
    }
    rmSync(scratch, { recursive: true, force: true });
  });

  it("mounts, shows and unmounts", async () => {
    await machine.mounts.mount({ source: "none", target: at("a"), type: "tmpfs", data: "size=1m" });
    const entry = (await machine.mounts.read()).find(({ mountPoint }) => mountPoint === at("a"));
    expect(entry).toMatchObject({ source: "none", type: "tmpfs" });
    expect(entry?.options.split(",")[0]).toBe("rw");
    await machine.mounts.unmount(at("a"));
    expect((await machine.mounts.read()).some(({ mountPoint }) => mountPoint === at("a"))).toBe(false);
  });

  it("mounts read-only", async () => {
    await machine.mounts.mount({ source: "none", target: at("a"), type: "tmpfs", readOnly: true });
    const entry = (await machine.mounts.read()).find(({ mountPoint }) => mountPoint === at("a"));
    expect(entry?.options.split(",")[0]).toBe("ro");
  });

  it("trusts neither programs nor devices of a file-system that it is told not to trust", async () => {
    await machine.mounts.mount({ source: "none", target: at("a"), type: "tmpfs", untrusted: true });
    const entry = (await machine.mounts.read()).find(({ mountPoint }) => mountPoint === at("a"));
    expect(entry?.options.split(",")).toEqual(expect.arrayContaining(["rw", "nosuid", "nodev", "noexec"]));
  });

  it("stacks mounts at one place, the last one on top", async () => {
    await machine.mounts.mount({ source: "first", target: at("a"), type: "tmpfs" });
    await machine.mounts.mount({ source: "second", target: at("a"), type: "tmpfs" });
    const sources = async () =>
      (await machine.mounts.read())
        .filter(({ mountPoint }) => mountPoint === at("a"))
        .map(({ source }) => source);
    expect(await sources()).toEqual(["first", "second"]);
    await machine.mounts.unmount(at("a"));
    expect(await sources()).toEqual(["first"]);
  });

  it.each([
    [
      "a mount on nothing",
      (m: Mounts) => m.mount({ source: "none", target: at("none"), type: "tmpfs" }),
      "ENOENT",
    ],
    ["a bind of nothing", (m: Mounts) => m.bind(at("none"), at("a")), "ENOENT"],
    ["an unmount of no mount point", (m: Mounts) => m.unmount(at("a")), "EINVAL"],
  ])("refuses %s", async (__, operation, code) => {
    expect(await errno(operation(machine.mounts))).toBe(code);
  });

  it("does not unmount what has mounts below", async () => {
    await machine.mounts.mount({ source: "none", target: at("a"), type: "tmpfs" });
    await machine.files.makeDirectory(at("a/below"), { parents: true });
    await machine.mounts.mount({ source: "none", target: at("a/below"), type: "tmpfs" });
    expect(await errno(machine.mounts.unmount(at("a")))).toBe("EBUSY");
  });

  it("protects mount points from the removal of a tree, bind mounts too", async () => {
    await machine.files.makeDirectory(at("tree/inner"), { parents: true });
    await machine.mounts.bind(at("b"), at("tree/inner"));
    await machine.files.writeFile(at("b/precious"), "");
    expect(await errno(machine.files.removeTree(at("tree")))).toBe("EBUSY");
    expect(await machine.files.exists(at("b/precious"))).toBe(true);
    await machine.mounts.unmount(at("tree/inner"));
    await machine.files.removeTree(at("tree"));
    expect(await machine.files.exists(at("tree"))).toBe(false);
  });
});

describe("NodeMounts", () => {
  let scratch = "";
  beforeEach(() => {
    scratch = mkdtempSync(join(tmpdir(), "mounts-contract-"));
  });
  afterEach(() => rmSync(scratch, { recursive: true, force: true }));

  it("binds a tree to a second place, without what is mounted in it", async () => {
    const { files, mounts } = createNodeHost();
    for (const name of ["from", "from/sub", "to"]) mkdirSync(join(scratch, name));
    writeFileSync(join(scratch, "from/file"), "content");
    await mounts.mount({ source: "none", target: join(scratch, "from/sub"), type: "tmpfs" });
    writeFileSync(join(scratch, "from/sub/hidden"), "");
    await mounts.bind(join(scratch, "from"), join(scratch, "to"));
    const found = [
      await files.readText(join(scratch, "to/file")),
      await files.exists(join(scratch, "to/sub/hidden")),
    ];
    await mounts.unmount(join(scratch, "to"));
    await mounts.unmount(join(scratch, "from/sub"));
    expect(found).toEqual(["content", false]);
  });

  it("names an unknown file-system", async () => {
    const { mounts } = createNodeHost();
    expect(await errno(mounts.mount({ source: "none", target: scratch, type: "nosuchfs" }))).toBe("ENODEV");
  });

  it("is not changed by a dry run", async () => {
    const real = createNodeHost();
    const before = await real.mounts.read();
    const dry = createDryRunHost(real, silentLogger);
    await dry.mounts.mount({ source: "none", target: scratch, type: "tmpfs" });
    expect((await dry.mounts.read()).at(-1)?.mountPoint).toBe(scratch);
    expect(await real.mounts.read()).toEqual(before);
    await dry.mounts.unmount(scratch);
    expect(await errno(dry.mounts.unmount(scratch))).toBe("EINVAL");
  });
});

async function errno(operation: Promise<unknown>): Promise<string | undefined> {
  return operation.then(
    () => "no error",
    (error: unknown) => errnoOf(error),
  );
}
