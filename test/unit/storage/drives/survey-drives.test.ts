import { beforeEach, expect, test } from "vitest";
import {
  type DriveReport,
  surveyDrives,
  usableDrives,
} from "../../../../src/storage/drives/survey-drives.ts";
import { systemError } from "../../../../src/system/system-error.ts";
import { SysfsMachine } from "./sysfs-machine.ts";

let machine: SysfsMachine;

beforeEach(() => {
  machine = new SysfsMachine();
});

const PCI = "pci0000:00/0000:00";
const sata = (port: number) => `${PCI}:1f.2/ata${port}/host${port}/target${port}:0:0/${port}:0:0:0/block`;

const survey = () => surveyDrives("/sys", machine);
const reasons = (reports: readonly DriveReport[]) =>
  Object.fromEntries(reports.map(({ name, reason }) => [name, reason ?? "usable"]));

test("each whole drive is reported with its identity, in bus order", async () => {
  await machine.addDrive("nvme0n1", {
    place: `${PCI}:1d.0/0000:02:00.0/nvme/nvme0`,
    attributes: {
      nsid: "1\n",
      wwid: "eui.0025385b71b00b1d\n",
      "device/model": "Samsung SSD 990 PRO 1TB                 \n",
      "device/serial": "S6Z1NJ0W123456      \n",
      "queue/logical_block_size": "512\n",
      "queue/rotational": "0\n",
    },
  });
  await machine.addDrive("sda", {
    place: sata(1),
    attributes: {
      "device/model": "WDC WD40EFRX-68N\n",
      "device/vpd_pg80": "\0\u0080\0\u0014     WD-WCC7K0123456",
      "device/wwid": "naa.50014ee2ba1b2c3d\n",
      "queue/physical_block_size": "4096\n",
      "queue/rotational": "1\n",
    },
  });
  await machine.addFile("/sys/class/ata_port/ata1/port_no", "1\n");
  await machine.addDrive("mmcblk0", {
    place: "platform/fe340000.mmc/mmc_host/mmc0/mmc0:0001/block",
    attributes: { "device/name": "BJTD4R\n", "device/serial": "0x5b2d1c3e\n" },
  });
  const reports = await survey();
  expect(
    reports.map(({ drive }) => [
      drive?.name,
      drive?.model,
      drive?.serial,
      drive?.wwn,
      drive?.path,
      drive?.transport,
    ]),
  ).toEqual([
    [
      "nvme0n1",
      "Samsung SSD 990 PRO 1TB",
      "S6Z1NJ0W123456",
      "eui.0025385b71b00b1d",
      "pci-0000:02:00.0-nvme-1",
      "nvme",
    ],
    ["sda", "WDC WD40EFRX-68N", "WD-WCC7K0123456", "naa.50014ee2ba1b2c3d", "pci-0000:00:1f.2-ata-1", "sata"],
    ["mmcblk0", "BJTD4R", "0x5b2d1c3e", "", "platform-fe340000.mmc", "mmc"],
  ]);
  expect(usableDrives(reports)).toHaveLength(3);
});

test("a serial number of 36 characters does not begin with its length", async () => {
  const serial = "0123456789abcdef0123456789abcdef0123";
  await machine.addDrive("sda", {
    place: sata(1),
    attributes: { "device/vpd_pg80": `\0\u0080\0$${serial}` },
  });
  expect((await survey())[0]?.drive?.serial).toBe(serial);
});

test("a USB stick without a serial number page has that of its USB device", async () => {
  const device = "pci0000:00/0000:00:14.0/usb2/2-1/2-1.3";
  await machine.addFile(`/sys/devices/${device}/serial`, "STICK-1\n");
  await machine.addDrive("sda", { place: `${device}/2-1.3:1.0/host5/target5:0:0/5:0:0:0/block` });
  expect((await survey())[0]?.drive?.serial).toBe("STICK-1");
});

test("every kind of unusable drive is reported with its reason", async () => {
  await machine.addDrive("sda", { place: sata(1) });
  await machine.addDrive("sdb", { place: sata(2), attributes: { removable: "1\n" } });
  await machine.addDrive("sdc", { place: sata(3), attributes: { ro: "1\n" } });
  await machine.addDrive("sdd", { place: sata(4), sectors: 0 });
  await machine.addDrive("sde", { place: sata(5), content: undefined });
  await machine.addDrive("sdf", { place: sata(6), attributes: { removable: "yes" } });
  await machine.addDrive("sdg", { place: sata(7), attributes: { size: "?" } });
  await machine.addDrive("mmcblk0boot0", { place: `${PCI}:1c.0/mmc_host/mmc0/mmc0:0001/block` });
  await machine.addDrive("loop0", { place: "virtual/block", attributes: { "device/": undefined } });
  await machine.addDrive("sda1", { place: `${sata(1)}/sda`, attributes: { partition: "1\n" } });
  const reports = await survey();
  expect(reasons(reports)).toEqual({
    mmcblk0boot0: "eMMC boot area",
    sda: "usable",
    sdb: "removable device",
    sdc: "read-only device",
    sdd: "empty device",
    sde: "unreadable device",
    sdf: "device with unreadable removable attribute",
    sdg: "unreadable device",
  });
  expect(reports.find(({ name }) => name === "sdb")).toMatchObject({ removable: true, readOnly: false });
  expect(reports.find(({ name }) => name === "sdc")).toMatchObject({ removable: false, readOnly: true });
  expect(reports.at(-1)).toMatchObject({ name: "sdg", drive: undefined });
});

test("one entry that fails with EIO does not stop the discovery", async () => {
  await machine.addDrive("sda", { place: sata(1) });
  await machine.addDrive("sdb", { place: sata(2) });
  const fails = (path: unknown) => String(path).startsWith("/sys/class/block/sda");
  const files = new Proxy(machine.files, {
    get: (target, key) => {
      const method: unknown = Reflect.get(target, key);
      if (typeof method !== "function") return method;
      return async (...args: readonly unknown[]) => {
        if (fails(args[0])) throw systemError("EIO", String(key), String(args[0]));
        return (await Reflect.apply(method, target, args)) as unknown;
      };
    },
  });
  expect(
    usableDrives(await surveyDrives("/sys", { files, log: machine.log })).map(({ name }) => name),
  ).toEqual(["sdb"]);
});

test("an entry that is no link is not usable", async () => {
  for (const [path, content] of Object.entries({ removable: "0", size: "2048", "device/": "" }))
    await machine.addFile(`/sys/class/block/sda/${path}`, content);
  await machine.addFile("/dev/sda", "\0".repeat(512));
  expect(reasons(await survey())).toEqual({ sda: "unreadable device" });
});

test("two paths to one SAS drive without serial number are one drive", async () => {
  const path = (port: number) => ({
    place: `${PCI}:02.0/host0/port-0:${port}/end_device-0:${port}/target0:0:${port}/0:0:${port}:0/block`,
    attributes: { "device/wwid": "naa.5000c500a1b2c3d4\n" },
  });
  await machine.addDrive("sda", path(0));
  await machine.addDrive("sdb", path(1));
  const reports = await survey();
  expect(reasons(reports)).toEqual({ sda: "usable", sdb: "second path to sda" });
  expect(reports[1]?.otherPathOf).toBe("sda");
  expect(machine.log.messages).toContain("skipping sdb (8 MiB): second path to sda");
});

test("the views that NVMe multipath has of one drive are not drives, and tell where it is", async () => {
  await machine.addDrive("nvme0n1", { place: "virtual/nvme-subsystem/nvme-subsys0" });
  for (const [controller, pci] of [
    [0, "0000:05:00.0"],
    [1, "0000:04:00.0"],
  ] as const)
    await machine.addDrive(`nvme0c${controller}n1`, {
      place: `${PCI}:01.0/${pci}/nvme/nvme${controller}`,
      attributes: { hidden: "1\n", nsid: "3\n" },
      content: undefined,
    });
  const reports = await survey();
  expect(reasons(reports)).toEqual({
    nvme0c0n1: "hidden device",
    nvme0c1n1: "hidden device",
    nvme0n1: "usable",
  });
  expect(usableDrives(reports)[0]?.path).toBe("pci-0000:04:00.0-nvme-3");
});

test("SAS positions are read from the transport classes", async () => {
  await machine.addDrive("sda", {
    place: `${PCI}:02.0/host0/port-0:0/end_device-0:0/target0:0:0/0:0:0:0/block`,
  });
  await machine.addFile("/sys/class/sas_port/port-0:0/num_phys", "1\n");
  await machine.addFile("/sys/class/sas_device/end_device-0:0/phy_identifier", "3\n");
  expect((await survey())[0]?.drive?.path).toBe("pci-0000:00:02.0-sas-phy3-lun-0");
});
