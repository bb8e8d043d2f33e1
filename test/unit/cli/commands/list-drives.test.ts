import { beforeEach, describe, expect, it } from "vitest";

import { COMMANDS, DAEMON } from "../../../../src/cli/command-table.ts";
import { runInProcess } from "../../../support/program-in-process.ts";
import { LVM_MEMBER, SysfsMachine } from "../../storage/drives/sysfs-machine.ts";

let machine: SysfsMachine;

beforeEach(async () => {
  machine = new SysfsMachine();
  await machine.addDrive("sda", {
    place: "pci0000:00/0000:00:14.0/usb2/2-1/2-1:1.0/host5/target5:0:0/5:0:0:0/block",
    attributes: { removable: "1\n", "device/model": "Stick\n" },
  });
  await machine.addDrive("vda", {
    place: "pci0000:00/0000:00:05.0/virtio2/block",
    attributes: { serial: "B\n" },
    content: LVM_MEMBER,
  });
  await machine.addDrive("nvme0n1", {
    place: "pci0000:00/0000:00:04.0/nvme/nvme0",
    attributes: { "device/serial": "N1\n", "device/model": "Fast One\n", wwid: "eui.0025385b71b00b1d\n" },
  });
});

const listDrives = async (...flags: readonly string[]) => {
  const { exitCode, stdout, stderr } = await runInProcess({
    argv: ["list-drives", ...flags],
    daemon: DAEMON,
    commands: COMMANDS,
    openHost: () => ({ ...machine.host, [Symbol.asyncDispose]: async () => undefined }),
  });
  return { exitCode, stdout: stdout.toString(), stderr };
};

describe("list-drives", () => {
  it("prints the names of the usable drives, for scripts", async () => {
    expect(await listDrives()).toEqual({ exitCode: 0, stdout: "nvme0n1\nvda\n", stderr: "" });
  });

  it("prints a table of all whole drives", async () => {
    const { stdout } = await listDrives("-table");
    expect(stdout).toBe(
      [
        "NAME     SIZE   TRANSPORT  MODEL     SERIAL  PATH                                       USABLE                CARRIES",
        "nvme0n1  8 MiB  nvme       Fast One  N1      pci-0000:00:04.0-nvme-1                    yes                   nothing known",
        "vda      8 MiB  virtio     -         B       pci-0000:00:05.0                           yes                   LVM physical volume",
        "sda      8 MiB  usb        Stick     -       pci-0000:00:14.0-usb-0:1:1.0-scsi-0:0:0:0  no: removable device  nothing known",
        "",
      ].join("\n"),
    );
  });

  it("prints the same as JSON", async () => {
    const { stdout } = await listDrives("-json");
    const drives = JSON.parse(stdout) as readonly Record<string, unknown>[];
    expect(drives.map(({ name, usable, reason }) => [name, usable, reason])).toEqual([
      ["nvme0n1", true, null],
      ["vda", true, null],
      ["sda", false, "removable device"],
    ]);
    expect(drives[0]).toEqual({
      name: "nvme0n1",
      usable: true,
      reason: null,
      devicePath: "/dev/nvme0n1",
      sizeBytes: 8 * 2 ** 20,
      logicalSectorBytes: 512,
      physicalSectorBytes: 512,
      rotational: false,
      transport: "nvme",
      model: "Fast One",
      serial: "N1",
      wwn: "eui.0025385b71b00b1d",
      path: "pci-0000:00:04.0-nvme-1",
      busLocation: "pci0000:00/0000:00:04.0/nvme",
      removable: false,
      readOnly: false,
      contents: [],
      memberOf: null,
    });
    expect(drives[1]).toMatchObject({ contents: ["LVM physical volume"], memberOf: "LVM volume group" });
  });

  it("prints null for a drive whose identity cannot be read", async () => {
    await machine.addDrive("sdb", { place: "pci0000:00/0000:00:09.0/block", attributes: { size: "?" } });
    const { stdout } = await listDrives("-json");
    expect((JSON.parse(stdout) as readonly unknown[]).at(-1)).toMatchObject({
      name: "sdb",
      usable: false,
      reason: "unreadable device",
      sizeBytes: null,
      contents: null,
    });
    expect((await listDrives("-table")).stdout).toMatch(/^sdb +\? +\? +- +- +- +no: unreadable device +\?$/m);
  });

  it("prints one form at a time", async () => {
    expect(await listDrives("-json", "-table")).toMatchObject({ exitCode: 2 });
  });
});
