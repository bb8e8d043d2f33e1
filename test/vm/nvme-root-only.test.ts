import path from "node:path";

import { afterAll, beforeAll, describe, expect, it } from "vitest";

import { IMAGE_NAME, waitForInstallation, waitForLogin } from "./installation.ts";
import { SerialShell } from "./serial-shell.ts";
import { startInstallation } from "./start-installation.ts";
import { type DiskVerdict, verifyDisk } from "./verify-disk.ts";

const INSTALLER = path.resolve(import.meta.dirname, "../../dist/installer");
const GIB = 2 ** 30;
const SET_UP_TIMEOUT_MS = 1_800_000;

describe("a machine with one NVMe drive and a layout of nothing but /", () => {
  const cleanup = new AsyncDisposableStack();
  let verdict: DiskVerdict | undefined;
  let shell: SerialShell;

  beforeAll(async () => {
    const { machine, store } = await startInstallation(cleanup, {
      name: "nvme-root-only",
      layout: { BootDriveLayout: [{ MountPoint: "/", MinimumFreeBytes: GIB }] },
      machine: { disks: [{ bus: "nvme", sizeBytes: 8 * GIB, serial: "NVME0001" }], pauseAtRestart: true },
    });
    await waitForInstallation(machine);
    await machine.waitForRestart(60_000);
    const image = { installer: INSTALLER, store, imageName: IMAGE_NAME };
    verdict = verifyDisk(machine.disks[0] ?? "", ["/"], image);
    await machine.continueRestart();
    await waitForLogin(machine);
    shell = await SerialShell.login(machine.console, "root", "installer");
  }, SET_UP_TIMEOUT_MS);

  afterAll(() => cleanup.disposeAsync());

  it("has the image on its drive and not in the memory of the installer", () => {
    expect(verdict?.unexpected).toEqual([]);
    expect(verdict?.summary).toMatch(/^\d{5,} inodes compared/);
    expect([...(verdict?.expected.keys() ?? [])]).toContain("boot loader");
  });

  it.each<[string, string, RegExp]>([
    ["boots from the first partition", "findmnt -n -o SOURCE,FSTYPE /", /^\/dev\/nvme0n1p1 +ext4$/],
    ["has the implied last one", "findmnt -n -o SOURCE,FSTYPE /data/0", /^\/dev\/nvme0n1p2 +ext4$/],
    ["has no third one", "ls -x /dev/nvme0n1p*", /^\/dev\/nvme0n1p1\s+\/dev\/nvme0n1p2$/],
    ["runs without a failed unit", "systemctl is-system-running --wait", /^running$/],
  ])("%s", async (_, command, expected) => {
    expect(await shell.run(command)).toMatch(expected);
  });
});
