import { readFileSync } from "node:fs";

import { afterAll, beforeAll, describe, expect, it } from "vitest";

import { waitForInstallation, waitForLogin } from "./installation.ts";
import { addFile, addHook, addProgram } from "./overlay.ts";
import { SerialShell } from "./serial-shell.ts";
import { startInstallation } from "./start-installation.ts";

const GIB = 2 ** 30;
const SET_UP_TIMEOUT_MS = 1_800_000;

/**
 * What an older system left running: LVM on a mirror of both drives' first partitions, which start where new ones will, with a file-system
 * on one volume and swap in use on another.
 */
const MAKE_OLD_STACK = `
for drive in sda sdb; do echo '2048,,fd' | sfdisk -q /dev/$drive; done
modprobe raid1
mdadm --create /dev/md0 --run --quiet --level=1 --raid-devices=2 --metadata=1.2 --assume-clean --homehost=old /dev/sda1 /dev/sdb1
lvm pvcreate -q -y /dev/md0
lvm vgcreate -q -y vg0 /dev/md0
lvm lvcreate -q -y -L 512M -n swap vg0
lvm lvcreate -q -y -L 1G -n old vg0
busybox mke2fs -L rootfs /dev/mapper/vg0-old >/dev/null
busybox mkswap /dev/mapper/vg0-swap >/dev/null
swapon /dev/mapper/vg0-swap
echo "before: $(grep -c 'active raid1' /proc/mdstat) array, $(ls /dev/mapper | tr '\\n' ' '), $(grep -c ^/dev /proc/swaps) swap"
`;

/** Nobody answers LVM's questions to udev in the initramfs. */
const LVM_CONFIGURATION = `
activation { udev_sync = 0 udev_rules = 0 monitoring = 0 }
devices { obtain_device_list_from_udev = 0 use_devicesfile = 0 }
backup { backup = 0 archive = 0 }
`;

/** From the top of the stack to its bottom. */
const TAKEN_DOWN = [
  "switch off swap on /dev/mapper/vg0-swap",
  "deactivate logical volume vg0-swap",
  "deactivate logical volume vg0-old",
  "stop RAID array md0",
];

interface BlockDevice {
  readonly name: string;
  readonly type: string;
  readonly fstype: string | null;
  readonly children?: readonly BlockDevice[];
}

function swapNames(text: string): string {
  return text.replace(/\bsd([ab])/g, (_, letter: string) => (letter === "a" ? "sdb" : "sda"));
}

describe("two virtio-scsi drives on which LVM on a RAID array is active", () => {
  const cleanup = new AsyncDisposableStack();
  let lines: readonly string[] = [];
  const lineNumbers = (pattern: (action: string) => string) =>
    TAKEN_DOWN.map((action) => lines.findIndex((line) => line.includes(pattern(action))));
  let shell: SerialShell;
  let isSwapped = false;
  /** Asks the installed system, whose kernel may have found the drives in the other order, by the names of the installer. */
  const installed = async (command: string): Promise<string> =>
    isSwapped ? swapNames(await shell.run(swapNames(command))) : shell.run(command);

  beforeAll(async () => {
    const { machine } = await startInstallation(cleanup, {
      name: "old-raid",
      prepareOverlay: (overlay) => {
        for (const program of ["/sbin/mdadm", "/sbin/lvm", "/sbin/sfdisk"]) addProgram(overlay, program);
        addFile(overlay, "etc/lvm/lvm.conf", LVM_CONFIGURATION);
        addHook(overlay, MAKE_OLD_STACK);
      },
      machine: {
        disks: [
          { bus: "scsi", sizeBytes: 8 * GIB, serial: "OLD-1" },
          { bus: "scsi", sizeBytes: 8 * GIB, serial: "OLD-2" },
        ],
        pauseAtRestart: true,
      },
    });
    await waitForInstallation(machine);
    lines = readFileSync(machine.consoleLog, "utf8").split("\n");
    await machine.waitForRestart(60_000);
    await machine.continueRestart();
    await waitForLogin(machine);
    shell = await SerialShell.login(machine.console, "root", "installer");
    isSwapped = (await shell.run("findmnt -n -o SOURCE /")).startsWith("/dev/sdb");
  }, SET_UP_TIMEOUT_MS);

  afterAll(() => cleanup.disposeAsync());

  it("had the old stack active when the installer started", () => {
    expect(lines.map((line) => line.trim())).toContain("before: 1 array, control vg0-old vg0-swap , 1 swap");
  });

  it("says what holds the drives before it changes anything, then takes it down from the top", () => {
    const planned = lineNumbers((action) => `before erasing: ${action}`);
    const done = lineNumbers((action) => `] ${action}`);
    const erased = lines.findIndex((line) => line.includes("] discarded "));
    expect(planned).not.toContain(-1);
    expect([...planned, ...done]).toEqual([...planned, ...done].toSorted((a, b) => a - b));
    expect(Math.max(...done)).toBeLessThan(erased);
  });

  it("has nothing but new partitions and file-systems on the drives", async () => {
    const { blockdevices } = JSON.parse(
      await installed("lsblk --json -o NAME,TYPE,FSTYPE /dev/sda /dev/sdb"),
    );
    const flat = (devices: readonly BlockDevice[]): readonly string[] =>
      devices.flatMap(({ name, type, fstype, children }) => [
        `${name} ${type} ${String(fstype)}`,
        ...flat(children ?? []),
      ]);
    // In the order of the names that the installed kernel gave.
    expect(flat(blockdevices).toSorted()).toEqual([
      "sda disk null",
      "sda1 part ext4",
      "sda2 part ext4",
      "sda3 part ext4",
      "sda4 part ext4",
      "sdb disk ext4",
    ]);
  });

  it.each([
    ["/dev/sda", ["dos"]],
    ["/dev/sda1", ["ext4"]],
    ["/dev/sda2", ["ext4"]],
    ["/dev/sda3", ["ext4"]],
    ["/dev/sda4", ["ext4"]],
    ["/dev/sdb", ["ext4"]],
  ])("has no old signature on %s", async (device, expected) => {
    const signatures = await installed(`wipefs --no-act --noheadings --output TYPE ${device}`);
    expect(signatures.split(/\s+/)).toEqual(expected);
  });

  it("runs without a failed unit", async () => {
    expect(await shell.run("systemctl is-system-running --wait")).toBe("running");
  });

  it("uses both drives", async () => {
    expect(await installed("findmnt -n -o SOURCE /")).toBe("/dev/sda1");
    expect(await installed("findmnt -n -o SOURCE /data/1")).toBe("/dev/sdb");
  });
});
