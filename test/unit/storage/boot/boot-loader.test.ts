import { beforeEach, describe, expect, test } from "vitest";
import { installBootLoader, renderGrubInstall } from "../../../../src/storage/boot/boot-loader.ts";
import { DEFAULT_SERIAL_PORT } from "../../../../src/storage/boot/consoles.ts";
import { findEfiDirectory } from "../../../../src/storage/boot/efi-directory.ts";
import type { MountEntry } from "../../../../src/system/mounts.ts";
import { commandError, FakeEnvironment, systemError } from "../fake-environment.ts";
import { layout, MIB, ordinaryPartitions, partition, plan } from "../plan/plan-fixtures.ts";

const entry = {
  kernel: "/boot/vmlinuz-6",
  kernelOptions: "root=LABEL=rootfs ro ",
  initrd: "/boot/initrd.img-6",
};

const mounted = (mountPoint: string, type: string): MountEntry => ({
  source: "x",
  mountPoint,
  type,
  options: "rw",
});

let machine: FakeEnvironment;

beforeEach(() => {
  machine = new FakeEnvironment();
  for (const path of ["/mnt", "/mnt/boot"]) machine.addDirectory(path);
  machine.addFile("/mnt/usr/sbin/grub-install", "");
});

const install = async (storagePlan = plan()) =>
  installBootLoader(
    { plan: storagePlan, targetRoot: "/mnt", architecture: "amd64", entry, serial: DEFAULT_SERIAL_PORT },
    machine.environment(),
  );

test("the boot code comes last, after everything else is written and synced", async () => {
  machine.mountTable.push(mounted("/mnt", "ext4"));
  await install();
  expect(machine.actions).toEqual([
    "write /mnt/boot/grub/grub.cfg",
    "write /mnt/boot/grub/grub.cfg.template",
    "sync /mnt",
    "sync",
    "run /usr/sbin/grub-install --boot-directory=/boot /dev/sda --target=i386-pc (chroot /mnt)",
    "sync",
  ]);
});

test("with a /boot of its own, GRUB is told paths without /boot", async () => {
  await install(plan({ layout: layout([partition("/boot", { minimumBytes: 200 * MIB }), partition("/")]) }));
  expect(machine.nodes.get("/mnt/boot/grub/grub.cfg")?.content).toContain(
    "linux   /vmlinuz-6 root=LABEL=rootfs ro \n",
  );
});

test("a GPT with BIOS firmware gets the module for it", async () => {
  await install(plan({ layout: layout([...ordinaryPartitions, partition("/srv", { minimumBytes: MIB })]) }));
  expect(machine.nodes.get("/mnt/boot/grub/grub.cfg")?.content).toContain("insmod part_gpt\n");
});

test("EFI uses the partition that is mounted", async () => {
  machine.mountTable.push(mounted("/mnt", "ext4"), mounted("/mnt/mnt/efi", "vfat"));
  await install(plan({ firmware: "efi" }));
  expect(machine.actions).toContain(
    "run /usr/sbin/grub-install --boot-directory=/boot /dev/sda --efi-directory=/mnt/efi --removable --target=x86_64-efi (chroot /mnt)",
  );
});

test("grub2-install has its own configuration directory", async () => {
  machine.nodes.delete("/mnt/usr/sbin/grub-install");
  machine.addFile("/mnt/sbin/grub2-install", "");
  await install();
  expect(machine.actions[0]).toBe("write /mnt/boot/grub2/grub.cfg");
});

describe("failures", () => {
  test("no GRUB in the image", async () => {
    machine.nodes.delete("/mnt/usr/sbin/grub-install");
    await expect(install()).rejects.toMatchObject({
      code: "E_BOOT_LOADER",
      message: "cannot find GRUB installer: (chroot=/mnt) grub2-install not found in PATH",
    });
  });

  test("GRUB's installer fails", async () => {
    machine.failing.set("/usr/sbin/grub-install", commandError("grub-install"));
    await expect(install()).rejects.toMatchObject({
      code: "E_BOOT_LOADER",
      message: "error installing GRUB on: /dev/sda",
      cause: expect.objectContaining({ code: "E_COMMAND_FAILED" }),
    });
  });

  test("lost writes show before the drive can boot", async () => {
    machine.mountTable.push(mounted("/mnt", "ext4"));
    const environment = machine.environment();
    const files = {
      ...environment.files,
      syncFileSystem: async () => Promise.reject(systemError("EIO", "/mnt")),
    };
    const request = { plan: plan(), targetRoot: "/mnt", architecture: "amd64", entry } as const;
    await expect(
      installBootLoader({ ...request, serial: DEFAULT_SERIAL_PORT }, { ...environment, files }),
    ).rejects.toMatchObject({ code: "E_TARGET_WRITE", message: "syncing /mnt to /dev/sda1" });
    expect(machine.actions.filter((action) => action.startsWith("run"))).toEqual([]);
  });

  test("EFI without a mounted EFI partition: nothing is written", async () => {
    await expect(install(plan({ firmware: "efi" }))).rejects.toMatchObject({
      code: "E_BOOT_LOADER",
      message: "no EFI partition is mounted in the target",
    });
    expect(machine.actions).toEqual([]);
  });

  test("/boot/grub is a link out of the target", async () => {
    machine.nodes.set("/mnt/boot/grub", { type: "symlink", content: "/etc" });
    await expect(install()).rejects.toMatchObject({ code: "E_TARGET_PATH" });
    expect(machine.actions).toEqual([]);
  });
});

test("no GRUB for arm64 with BIOS", () => {
  const installer = { path: "/usr/sbin/grub-install", configDirectory: "boot/grub" };
  const target = { targetRoot: "/mnt", devicePath: "/dev/sda", efiDirectory: undefined } as const;
  expect(() => renderGrubInstall(installer, { ...target, architecture: "arm64", firmware: "bios" })).toThrow(
    expect.objectContaining({ code: "E_BOOT_LOADER", message: "unsupported GRUB target for arch: arm64" }),
  );
});

test.each<[what: string, table: readonly MountEntry[], directory: string | undefined]>([
  ["/mnt/efi", [mounted("/mnt", "ext4"), mounted("/mnt/mnt/efi", "vfat")], "/mnt/efi"],
  ["a vfat /boot", [mounted("/mnt", "ext4"), mounted("/mnt/boot", "vfat")], "/boot"],
  ["/boot/efi", [mounted("/mnt", "ext4"), mounted("/mnt/boot/efi", "vfat")], "/boot/efi"],
  [
    "/boot/efi inside a /boot of its own",
    [mounted("/mnt", "ext4"), mounted("/mnt/boot", "ext4"), mounted("/mnt/boot/efi", "vfat")],
    "/boot/efi",
  ],
  ["neither", [mounted("/mnt", "ext4"), mounted("/mnt/boot", "ext4")], undefined],
  [
    "a sibling with the same beginning",
    [mounted("/", "vfat"), mounted("/mnt/mnt/ef", "vfat"), mounted("/mnt", "ext4")],
    undefined,
  ],
  ["a hidden vfat", [mounted("/mnt/mnt/efi", "vfat"), mounted("/mnt/mnt/efi", "ext4")], undefined],
  ["an empty table", [], undefined],
])("EFI directory: %s", (_what, table, directory) => {
  expect(findEfiDirectory(table, "/mnt")).toBe(directory);
});
