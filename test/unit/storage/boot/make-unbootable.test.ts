import { beforeEach, describe, expect, test } from "vitest";
import { orMakeUnbootable } from "../../../../src/storage/boot/make-unbootable.ts";
import type { StoragePlan } from "../../../../src/storage/plan/plan.ts";
import { FakeMounts } from "../../../support/fake-host.ts";
import { MemoryFileSystem } from "../../../support/memory-file-system.ts";
import { createRecordingLogger } from "../../../support/recording-logger.ts";
import { systemError } from "../fake-environment.ts";
import { layout, MIB, partition, plan } from "../plan/plan-fixtures.ts";

const failure = new Error("the action failed");

let files: MemoryFileSystem;
let mounts: FakeMounts;
let log: ReturnType<typeof createRecordingLogger>;

beforeEach(async () => {
  files = new MemoryFileSystem({ files: { "/dev/": "" } });
  mounts = new FakeMounts(files);
  log = createRecordingLogger();
  await files.writeFile("/dev/sda", Buffer.alloc(512, "G"));
  await files.writeFile("/dev/sda1", Buffer.alloc(128 * 1024, "F"));
});

async function fail(storage: StoragePlan, changes: { readonly removeTree?: () => Promise<never> } = {}) {
  const changed = new Proxy(files, {
    get: (target, name) => {
      const value: unknown = Reflect.get(changes, name) ?? Reflect.get(target, name);
      return typeof value === "function" ? value.bind(target) : value;
    },
  });
  const action = orMakeUnbootable(storage, { files: changed, mounts, log }, async () =>
    Promise.reject(failure),
  );
  await expect(action).rejects.toBe(failure);
}

const head = async (path: string, bytes: number) => (await files.readFile(path)).subarray(0, bytes);

test("what succeeds stays bootable", async () => {
  const result = await orMakeUnbootable(plan(), { files, mounts, log }, async () => 7);
  expect(result).toBe(7);
  expect((await head("/dev/sda", 512)).toString()).toBe("G".repeat(512));
});

test("BIOS: the boot sector hands on to the next device, the partition table stays", async () => {
  await fail(plan());
  expect((await head("/dev/sda", 5)).toString("hex")).toBe("cd18f4ebfd");
  expect((await head("/dev/sda", 440)).subarray(5).every((byte) => byte === 0)).toBe(true);
  expect((await files.readFile("/dev/sda")).subarray(440).toString()).toBe("G".repeat(72));
  expect(log.messages).toEqual(["made /dev/sda unbootable, because the installation did not end well"]);
});

describe("EFI", () => {
  const efi = plan({ firmware: "efi" });
  const isFat = async () => (await head("/dev/sda1", 1)).toString() === "F";

  async function mountEfiPartition(mountPoint: string) {
    await files.makeDirectory(`${mountPoint}/EFI/BOOT`, { parents: true });
    await files.makeDirectory(`${mountPoint}/EFI/vendor`, { parents: true });
    await files.writeFile(`${mountPoint}/EFI/BOOT/BOOTX64.EFI`, "loader");
    await mounts.mount({ source: "/dev/sda1", target: mountPoint, type: "vfat" });
  }

  test("the default loader is deleted from the mounted partition, the rest stays to be looked at", async () => {
    await mountEfiPartition("/mnt/mnt/efi");
    await fail(efi);
    expect(await files.readDirectoryText("/mnt/mnt/efi/EFI")).toEqual(["vendor"]);
    expect(files.synced).toEqual(["/mnt/mnt/efi"]);
    expect(await isFat()).toBe(true);
  });

  test("a /boot that is the EFI partition is found as well", async () => {
    await mountEfiPartition("/mnt/boot");
    const storage = plan({
      firmware: "efi",
      layout: layout([partition("/boot"), partition("/", { minimumBytes: 512 * MIB })]),
    });
    await fail(storage);
    expect(await files.exists("/mnt/boot/EFI/BOOT")).toBe(false);
  });

  test("once it is unmounted, the file-system goes", async () => {
    await fail(efi);
    expect((await head("/dev/sda1", 64 * 1024)).every((byte) => byte === 0)).toBe(true);
    expect((await files.readFile("/dev/sda1")).subarray(64 * 1024).toString()).toBe("F".repeat(64 * 1024));
    expect((await head("/dev/sda", 512)).toString()).toBe("G".repeat(512));
  });

  test("a loader that cannot be deleted takes the file-system with it", async () => {
    await mountEfiPartition("/mnt/mnt/efi");
    await fail(efi, { removeTree: async () => Promise.reject(systemError("EIO", "unlink")) });
    expect(await isFat()).toBe(false);
  });
});

test("a drive that cannot be written does not hide the first error, but the log warns", async () => {
  await files.removeFile("/dev/sda");
  await fail(plan());
  expect(log.messages).toEqual([
    expect.stringMatching(/^\/dev\/sda may boot although the installation failed: .*/),
  ]);
});
