import { beforeEach, expect, test } from "vitest";
import { findDrives } from "../../../../src/storage/drives/find-drives.ts";
import { FakeEnvironment } from "../fake-environment.ts";

let machine: FakeEnvironment;

beforeEach(() => {
  machine = new FakeEnvironment();
  machine.addDirectory("/sys/class/block");
});

function addDrive(name: string, attributes: Readonly<Record<string, string>>): void {
  machine.addBlockDevice(name, 2 ** 31);
  const entry = `/sys/class/block/${name}`;
  machine.nodes.set(entry, { type: "symlink", content: `../../devices/pci0/${name}/ata/host/block/${name}` });
  machine.addDirectory(`${entry}/device`);
  for (const [path, content] of Object.entries({ removable: "0\n", ...attributes }))
    machine.addFile(`${entry}/${path}`, content);
}

const find = async () => (await findDrives("/sys", machine.environment())).map(({ name }) => name);

test("drives are found, and the log tells about each entry", async () => {
  addDrive("sda", {});
  addDrive("sdb", { removable: "1\n" });
  machine.addBlockDevice("loop0", 2 ** 30);
  machine.addBlockDevice("sda1", 2 ** 30, "sda");
  expect(await find()).toEqual(["sda"]);
  expect(machine.logged).toEqual([
    "skipping non-device: loop0",
    "found: sda 2 GiB (2 GB) at pci0/sda/ata/host",
    "skipping partition: sda1",
    "skipping removable device: sdb",
    "sorted drive list: [sda]",
  ]);
});

test("one broken entry does not stop the discovery", async () => {
  addDrive("sda", { removable: "yes" });
  addDrive("sdb", {});
  addDrive("sdc", {});
  machine.nodes.delete("/dev/sdc");
  addDrive("sdd", { size: "?" });
  expect(await find()).toEqual(["sdb"]);
});

test("identity comes from where each kind of drive keeps it", async () => {
  addDrive("nvme0n1", { "device/serial": "N1", "device/model": "Fast", wwid: "eui.1" });
  addDrive("sda", { "device/vpd_pg80": "\0\x80\0\x04S123", "device/wwid": "naa.2" });
  addDrive("vda", { serial: "V1" });
  const drives = await findDrives("/sys", machine.environment());
  expect(drives.map(({ name, model, serial, wwn }) => [name, model, serial, wwn])).toEqual([
    ["nvme0n1", "Fast", "N1", "eui.1"],
    ["sda", "", "S123", "naa.2"],
    ["vda", "", "V1", ""],
  ]);
});

test("a second path to a drive is left out, with a warning", async () => {
  const identity = { "device/wwid": "naa.2", serial: "S1" };
  addDrive("sda", identity);
  addDrive("sdb", identity);
  expect(await find()).toEqual(["sda"]);
  expect(machine.logged).toContain("skipping sdb (2 GiB): second path to sda");
});

test("a missing sysfs is an error", async () => {
  machine.nodes.clear();
  await expect(find()).rejects.toMatchObject({ code: "ENOENT" });
});
