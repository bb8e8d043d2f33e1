import { beforeEach, describe, expect, test } from "vitest";
import { writeInitialImageName, writeMountTables } from "../../../../src/storage/target/target-files.ts";
import { makeTargetDirectory } from "../../../../src/storage/target/target-path.ts";
import { FakeEnvironment } from "../fake-environment.ts";
import { layout, plan } from "../plan/plan-fixtures.ts";

let machine: FakeEnvironment;

beforeEach(() => {
  machine = new FakeEnvironment();
  machine.addDirectory("/mnt");
});

test("fstab is written and shown; no crypttab without encryption", async () => {
  await writeMountTables(plan(), new Set(["sda"]), "/mnt", machine.environment());
  const fstab = machine.nodes.get("/mnt/etc/fstab")?.content ?? "";
  expect(fstab.split("\n")[0]).toBe("LABEL=rootfs           /          ext4  discard    0 1");
  expect(machine.actions).toEqual(["write /mnt/etc/fstab"]);
  expect(machine.logged).toEqual([`/etc/fstab:\n${fstab}`]);
});

test("crypttab comes with encryption", async () => {
  const encrypted = plan({ layout: layout(undefined, { encrypt: true }) });
  await writeMountTables(encrypted, new Set(), "/mnt", machine.environment());
  expect(machine.actions).toEqual(["write /mnt/etc/fstab", "write /mnt/etc/crypttab"]);
});

test("the name of the image is left for the target's own tools", async () => {
  await writeInitialImageName("debian/12/2026", "/mnt", machine.environment());
  expect(machine.nodes.get("/mnt/var/lib/initial-image")?.content).toBe("debian/12/2026\n");
});

describe("a directory in the target", () => {
  test("is made with what is missing above it", async () => {
    expect(await makeTargetDirectory("/mnt", "/a/b", machine.environment().files)).toBe("/mnt/a/b");
    expect(machine.nodes.get("/mnt/a/b")).toEqual({ type: "directory" });
  });

  test("the root of the running system counts as a target too", async () => {
    expect(await makeTargetDirectory("/", "a", machine.environment().files)).toBe("/a");
    expect(await makeTargetDirectory("/", "/", machine.environment().files)).toBe("/");
  });

  test.each(["symlink", "file", "fifo"] as const)("is not made through a %s", async (type) => {
    machine.nodes.set("/mnt/etc", { type, content: "/etc" });
    await expect(writeMountTables(plan(), new Set(), "/mnt", machine.environment())).rejects.toMatchObject({
      code: "E_TARGET_PATH",
      message: `making directory /mnt/etc: there is a ${type} in its place`,
    });
    expect(machine.actions).toEqual([]);
  });
});
