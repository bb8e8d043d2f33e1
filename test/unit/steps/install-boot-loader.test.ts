import { beforeEach, describe, expect, it } from "vitest";
import type { StepContext } from "../../../src/engine/step.ts";
import { installTargetBootLoader } from "../../../src/steps/install-boot-loader.step.ts";
import type { InstallOptions } from "../../../src/steps/install-options.ts";
import type { StoragePlan } from "../../../src/storage/plan/plan.ts";
import { createFakeHost, type FakeHost } from "../../support/fake-host.ts";
import { createRecordingLogger } from "../../support/recording-logger.ts";
import { silentProgress } from "../../support/silent-progress.ts";
import { plan } from "../storage/plan/plan-fixtures.ts";

const GRUB = "/usr/sbin/grub-install --boot-directory=/boot /dev/sda --target=i386-pc (chroot=/mnt)";
const DEFAULT_OPTIONS = "root=LABEL=rootfs ro console=tty0 console=ttyS0,115200n8 ";
const kexec = (options: string, serial: string) =>
  `kexec -l /boot/vmlinuz-6 '--append=${options}' --console-serial ${serial} --initrd=/boot/initrd.img-6 (chroot=/mnt)`;
const KEXEC = kexec(DEFAULT_OPTIONS, "--serial-baud=115200");

const OPTIONS = {
  mountPoint: "/mnt",
  tmpRoot: "/tmproot",
  sysfsDirectory: "/sys",
  procDirectory: "/proc",
  efiBootEntry: "last",
  networkRenderer: "auto",
} as InstallOptions;

let host: FakeHost;
let log: ReturnType<typeof createRecordingLogger>;
let signal: AbortSignal;

beforeEach(() => {
  host = createFakeHost({
    files: {
      "/mnt/usr/sbin/grub-install": "",
      "/mnt/boot/": "",
      "/dev/sda": "G".repeat(512),
      "/proc/cmdline": "console=tty0 console=ttyS0,115200n8\n",
    },
  });
  log = createRecordingLogger();
  signal = new AbortController().signal;
});

async function install({ useKexec = false, storage = plan() as StoragePlan } = {}): Promise<void> {
  const context: StepContext = {
    host,
    log,
    progress: silentProgress,
    signal,
    cleanup: new AsyncDisposableStack(),
  };
  const boot = { kernel: "/boot/vmlinuz-6", initrd: "/boot/initrd.img-6" };
  await installTargetBootLoader.run({ options: OPTIONS, target: { storage, boot }, useKexec }, context);
  host.commands.assertDone();
}

const grubConfig = () => host.files.readText("/mnt/boot/grub/grub.cfg");
const isBootable = async () => (await host.files.readText("/dev/sda")).startsWith("G");

it("writes the configuration and then the boot code", async () => {
  host.commands.expect(GRUB);
  await install();
  expect(await grubConfig()).toContain(`linux   /boot/vmlinuz-6 ${DEFAULT_OPTIONS}\n`);
  expect(await isBootable()).toBe(true);
});

it("follows the consoles of the running kernel in GRUB, kernel and kexec", async () => {
  await host.files.writeFile("/proc/cmdline", "console=ttyS1,57600 quiet");
  const options = "root=LABEL=rootfs ro console=tty0 console=ttyS1,57600n8 ";
  host.commands.expect(GRUB).expect(kexec(options, "--serial=0x2f8 --serial-baud=57600"));
  await install({ useKexec: true });
  const text = await grubConfig();
  expect(text).toContain("serial --unit=1 --speed=57600\n");
  expect(text).toContain(`linux   /boot/vmlinuz-6 ${options}\n`);
});

it("does without a kernel command line", async () => {
  await host.files.removeFile("/proc/cmdline");
  host.commands.expect(GRUB);
  await install();
  expect(await grubConfig()).toContain(DEFAULT_OPTIONS);
  expect(log.messages[0]).toMatch(/^the consoles of the new system are the default ones: ENOENT/);
});

describe("UseKexec", () => {
  it("loads the kernel after the boot loader", async () => {
    host.commands.expect(GRUB).expect(KEXEC);
    await install({ useKexec: true });
    expect(host.commands.lines).toEqual([GRUB, KEXEC]);
  });

  it("a failure is logged, and the drive boots by firmware", async () => {
    host.commands.expect(GRUB).expect(KEXEC, { exitCode: 255, stderr: "kexec_load failed" });
    await install({ useKexec: true });
    expect(log.messages.at(-1)).toMatch(
      /^loading the new kernel for kexec: .*exit code 255: kexec_load failed/,
    );
    expect(await isBootable()).toBe(true);
  });

  it("a cancelled installation does not boot", async () => {
    const controller = new AbortController();
    signal = controller.signal;
    host.commands.expect(GRUB, { effect: () => controller.abort(new Error("stopped")) });
    await expect(install({ useKexec: true })).rejects.toThrow();
    expect(await isBootable()).toBe(false);
  });
});

describe("a failure", () => {
  it("of grub-install leaves no boot code, and the error tells what, where and why", async () => {
    host.commands.expect(GRUB, { exitCode: 1, stderr: "disk full" });
    await expect(install()).rejects.toMatchObject({
      code: "E_BOOT_LOADER",
      message: "error installing GRUB on: /dev/sda",
    });
    expect(await isBootable()).toBe(false);
  });

  it("of the firmware to take an entry is none of the installation", async () => {
    await host.files.makeDirectory("/mnt/mnt/efi", { parents: true });
    await host.mounts.mount({ source: "/dev/sda1", target: "/mnt/mnt/efi", type: "vfat" });
    host.commands.expect(
      "/usr/sbin/grub-install --boot-directory=/boot /dev/sda --efi-directory=/mnt/efi --removable --target=x86_64-efi (chroot=/mnt)",
    );
    await install({ storage: plan({ firmware: "efi" }) });
    expect(log.messages.at(-1)).toMatch(/^no EFI boot entry, the firmware has to find the drive by itself: /);
  });
});
