import path from "node:path";

import { afterAll, beforeAll, describe, expect, it } from "vitest";

import { IMAGE_NAME, waitForInstallation, waitForLogin } from "./installation.ts";
import { httpGet, LAB_NETWORK } from "./lab.ts";
import { SerialShell } from "./serial-shell.ts";
import { startInstallation } from "./start-installation.ts";
import { type DiskVerdict, verifyDisk } from "./verify-disk.ts";

const INSTALLER = path.resolve(import.meta.dirname, "../../dist/installer");
const GIB = 2 ** 30;
const SET_UP_TIMEOUT_MS = 1_800_000;

/** One installation; each answer of the installed system is looked at by a test of its own. */
describe("a bare machine with two drives", () => {
  const cleanup = new AsyncDisposableStack();
  let statusPage = "";
  let status: { readonly outcome?: string; readonly steps?: readonly { readonly state: string }[] } = {};
  let verdict: DiskVerdict | undefined;
  let shell: SerialShell;

  beforeAll(async () => {
    const { lab, machine, store } = await startInstallation(cleanup, {
      name: "install",
      machine: { disksBytes: [8 * GIB, 2 * GIB], pauseAtRestart: true },
    });
    await machine.console.waitFor(/status page on port/, 120_000);
    const relay = await lab.relay(LAB_NETWORK.client, 6978);
    statusPage = await httpGet(relay, "/");
    await waitForInstallation(machine);
    status = JSON.parse(await httpGet(relay, "/api/status"));
    await machine.waitForRestart(60_000);
    const image = { installer: INSTALLER, store, imageName: IMAGE_NAME };
    verdict = verifyDisk(machine.disks[0] ?? "", ["/", "/home", "/var/log"], image);
    await machine.continueRestart();
    await waitForLogin(machine);
    shell = await SerialShell.login(machine.console, "root", "installer");
  }, SET_UP_TIMEOUT_MS);

  afterAll(() => cleanup.disposeAsync());

  it("shows a status page while it is being installed", () => {
    expect(statusPage).toContain("installer status page");
  });

  it("tells by JSON that every step is done", () => {
    expect(status.outcome).toBe("succeeded");
    expect(status.steps?.length).toBeGreaterThan(15);
    expect(status.steps?.filter(({ state }) => state !== "done")).toEqual([]);
  });

  it("has on its disk what was published, besides what an installation writes", () => {
    expect(verdict?.unexpected).toEqual([]);
    expect(verdict?.summary).toMatch(/^\d{5,} inodes compared/);
    expect([...(verdict?.expected.keys() ?? [])]).toContain("boot loader");
  });

  it.each<[string, string, RegExp]>([
    ["has the host name of its configuration", "hostname", /^newborn$/],
    ["knows the image that it was made from", "cat /var/lib/initial-image", new RegExp(`^${IMAGE_NAME}$`)],
    ["runs without a failed unit", "systemctl is-system-running --wait", /^running$/],
    ["boots from the label", "cat /proc/cmdline", /root=LABEL=rootfs/],
    ["has its root on a plain partition", "findmnt -n -o SOURCE,FSTYPE /", /^\/dev\/vda1 +ext4$/],
    ["has its other partitions", "findmnt -n -o SOURCE,FSTYPE /home", /^\/dev\/vda2 +ext4$/],
    ["has a file-system on the second drive", "findmnt -n -o SOURCE,FSTYPE /data/1", /^\/dev\/vdb +ext4$/],
    ["has the address of its configuration", "ip -brief -4 address show eth0", /192\.168\.77\.10\/24/],
    ["reaches its gateway", "ping -c 1 -W 5 192.168.77.1 | grep received", /1 received/],
    ["keeps the log of its installation", "head -n 1 /var/log/installer/log", /^\[ *\d+\.\d{3}\] /],
    ["keeps the installer's configuration", "ls /var/log/installer", /config\.json/],
  ])("%s", async (_, command, expected) => {
    expect(await shell.run(command)).toMatch(expected);
  });
});
