import { beforeEach, describe, expect, test } from "vitest";
import { volumesOf } from "../../../../src/storage/plan/plan.ts";
import {
  makeMountPoints,
  mountCopiedVolumes,
  mountSystemDirectories,
  mountTarget,
  planCopiedMounts,
  planEarlyMounts,
} from "../../../../src/storage/target/mount-target.ts";
import { FakeEnvironment, systemError } from "../fake-environment.ts";
import { drive, layout, MIB, partition, plan } from "../plan/plan-fixtures.ts";

const nested = plan({
  firmware: "efi",
  drives: [drive("sda"), drive("sdb")],
  layout: layout(
    ["/var/log/app", "/var/log", "/", "/var"].map((mountPoint) =>
      partition(mountPoint, { minimumBytes: 64 * MIB }),
    ),
    { encrypt: true },
  ),
});

let machine: FakeEnvironment;

beforeEach(() => {
  machine = new FakeEnvironment();
  machine.addDirectory("/mnt");
});

test("outer file-systems come before inner ones, data and vfat are left out", () => {
  expect(planEarlyMounts(nested).map(({ fileSystem }) => fileSystem.mountPoint)).toEqual([
    "/",
    "/var",
    "/var/log",
    "/var/log/app",
  ]);
  expect(planCopiedMounts(nested).map(({ fileSystem }) => fileSystem.mountPoint)).toEqual(["/mnt/efi"]);
});

test("the target is mounted, and unmounted by the cleanup, whatever else was mounted in it", async () => {
  const cleanup = new AsyncDisposableStack();
  await mountTarget(nested, "/mnt", machine.environment(), cleanup);
  expect(machine.actions).toEqual([
    "mount /dev/sda4 on /mnt type ext4",
    "mount /dev/mapper/sda5 on /mnt/var type ext4",
    "mount /dev/mapper/sda3 on /mnt/var/log type ext4",
    "mount /dev/mapper/sda2 on /mnt/var/log/app type ext4",
  ]);
  await mountSystemDirectories("/mnt", machine.environment());
  await cleanup.disposeAsync();
  expect(machine.mountTable).toEqual([]);
});

test("the cleanup is fine with a target that was unmounted already", async () => {
  const cleanup = new AsyncDisposableStack();
  await mountTarget(nested, "/mnt", machine.environment(), cleanup);
  machine.mountTable.length = 0;
  await cleanup.disposeAsync();
  expect(machine.actions.filter((action) => action.startsWith("unmount"))).toEqual([]);
});

test("a mount that fails is named, and what was mounted before is undone by the cleanup", async () => {
  const environment = machine.environment();
  const mounts = {
    ...environment.mounts,
    mount: async (request: Parameters<typeof environment.mounts.mount>[0]) => {
      if (request.target === "/mnt/var") throw systemError("EINVAL", "mount");
      await environment.mounts.mount(request);
    },
  };
  const cleanup = new AsyncDisposableStack();
  await expect(mountTarget(nested, "/mnt", { ...environment, mounts }, cleanup)).rejects.toMatchObject({
    code: "E_MOUNT",
    message: "mounting /dev/mapper/sda5 on /mnt/var",
  });
  await cleanup.disposeAsync();
  expect(machine.mountTable).toEqual([]);
});

test("the kernel's file-systems are bound, but not through a link of the image", async () => {
  await mountSystemDirectories("/mnt", machine.environment());
  expect(machine.actions).toEqual([
    "mount /dev on /mnt/dev type bind",
    "mount /proc on /mnt/proc type bind",
    "mount /sys on /mnt/sys type bind",
    "mount /tmp on /mnt/tmp type bind",
  ]);
  machine.nodes.set("/mnt/tmp", { type: "symlink", content: "/etc" });
  await expect(mountSystemDirectories("/mnt", machine.environment())).rejects.toMatchObject({
    code: "E_TARGET_PATH",
    message: "making directory /mnt/tmp: there is a symlink in its place",
  });
});

describe("a vfat volume after unpacking", () => {
  const bootIsEfi = plan({ firmware: "efi", layout: layout([partition("/boot"), partition("/")]) });

  beforeEach(() => {
    machine.addDirectory("/mnt/boot");
    machine.addFile("/mnt/boot/vmlinuz-6", "kernel");
    machine.addDirectory("/mnt/boot/grub");
    machine.addFile("/mnt/boot/grub/font", "font");
    machine.nodes.set("/mnt/boot/vmlinuz", { type: "symlink", content: "vmlinuz-6" });
  });

  test("gets copies of files and directories, and is mounted in their place", async () => {
    await mountCopiedVolumes(bootIsEfi, "/mnt", machine.environment());
    expect(machine.actions).toEqual([
      "mount /dev/sda1 on /tmp/installer-1 type vfat",
      "copy /mnt/boot/grub/font to /tmp/installer-1/grub/font",
      "copy /mnt/boot/vmlinuz-6 to /tmp/installer-1/vmlinuz-6",
      "unmount /tmp/installer-1",
      "mount /dev/sda1 on /mnt/boot type vfat",
    ]);
    expect(machine.logged).toContain("not copied to a vfat file-system: symlink /mnt/boot/vmlinuz");
  });

  test("is unmounted again when copying fails", async () => {
    const environment = machine.environment();
    const files = {
      ...environment.files,
      copyContent: async () => Promise.reject(systemError("ENOSPC", "copy")),
    };
    await expect(mountCopiedVolumes(bootIsEfi, "/mnt", { ...environment, files })).rejects.toMatchObject({
      code: "E_TARGET_WRITE",
      message: "copying /mnt/boot to /dev/sda1",
      hint: "make the partition of /mnt/boot larger",
    });
    expect(machine.mountTable).toEqual([]);
  });

  test("defect: a boot loader in the image must not make the drive bootable before the end", async () => {
    for (const directory of ["EFI", "EFI/BOOT", "EFI/debian", "EFI/Microsoft", "EFI/Microsoft/Boot"])
      machine.addDirectory(`/mnt/boot/${directory}`);
    for (const file of [
      "EFI/BOOT/BOOTX64.EFI",
      "EFI/BOOT/bootaa64.efi",
      "EFI/BOOT/grubx64.efi",
      "EFI/Microsoft/Boot/bootmgfw.efi",
      "EFI/debian/BOOTX64.EFI",
    ])
      machine.addFile(`/mnt/boot/${file}`, "loader");
    await mountCopiedVolumes(bootIsEfi, "/mnt", machine.environment());
    const copied = machine.actions.flatMap((action) => /^copy \/mnt\/boot\/(EFI\S+)/.exec(action)?.[1] ?? []);
    expect(copied).toEqual(["EFI/BOOT/grubx64.efi", "EFI/debian/BOOTX64.EFI"]);
  });

  test("waits for a scratch mount that is busy for a moment", async () => {
    machine.busy.set("/tmp/installer-1", 2);
    await mountCopiedVolumes(bootIsEfi, "/mnt", machine.environment());
    expect(machine.mountTable.map(({ mountPoint }) => mountPoint)).toEqual(["/mnt/boot"]);
  });
});

test("mount points are made for data file-systems too", async () => {
  await makeMountPoints(volumesOf(nested), "/mnt", machine.environment());
  expect([...machine.nodes.keys()]).toEqual([
    "/mnt",
    "/mnt/var",
    "/mnt/mnt",
    "/mnt/mnt/efi",
    "/mnt/var/log",
    "/mnt/data",
    "/mnt/data/0",
    "/mnt/data/1",
    "/mnt/var/log/app",
  ]);
});
