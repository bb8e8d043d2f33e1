import fc from "fast-check";
import { expect, test } from "vitest";
import {
  describeDrive,
  formatPartitionName,
  parseBusLocation,
  parseDrive,
  type RawDrive,
  sortByBusLocation,
} from "../../../../src/storage/drives/drives.ts";
import { drive } from "../plan/plan-fixtures.ts";

const raw: RawDrive = {
  name: "sda",
  isPartition: false,
  isDevice: true,
  link: "../../devices/pci0000:00/0000:00:03.0/ata2/host1/target1:0:0/1:0:0:0/block/sda",
  removable: "0\n",
  hidden: "0\n",
  readOnly: "0\n",
  sizeSectors: "4194304\n",
  logicalSectorBytes: "512\n",
  physicalSectorBytes: "4096\n",
  rotational: "1\n",
  model: "QEMU HARDDISK   \n",
  serial: "\0\0\u0000 QM00001\0",
  wwn: "naa.5000\n",
};

test("a drive with everything that sysfs knows", () => {
  expect(parseDrive(raw)).toEqual({
    drive: {
      name: "sda",
      devicePath: "/dev/sda",
      sizeBytes: 2 ** 31,
      logicalSectorBytes: 512,
      physicalSectorBytes: 4096,
      rotational: true,
      transport: "sata",
      model: "QEMU HARDDISK",
      serial: "QM00001",
      wwn: "naa.5000",
      path: "pci-0000:00:03.0-ata-2",
      busLocation: "pci0000:00/0000:00:03.0/ata2/host1/target1:0:0/1:0:0:0",
    },
  });
});

test.each<[reason: string, changes: Partial<RawDrive>]>([
  ["skipping partition", { isPartition: true }],
  ["skipping non-device", { isDevice: false }],
  ["skipping removable device", { removable: "1\n" }],
  ["skipping device with unreadable removable attribute", { removable: "yes" }],
  ["skipping device with unreadable removable attribute", { removable: undefined }],
  ["skipping hidden device", { hidden: "1\n" }],
  ["skipping eMMC boot area", { name: "mmcblk0boot0" }],
  ["skipping eMMC boot area", { name: "mmcblk0rpmb" }],
  ["skipping read-only device", { readOnly: "1\n" }],
  ["skipping empty device", { sizeSectors: "0\n" }],
  ["skipping unreadable device", { sizeSectors: "many" }],
  ["skipping unreadable device", { sizeSectors: "9999999999999999" }],
  ["skipping unreadable device", { link: undefined }],
])("%s", (reason, changes) => {
  expect(parseDrive({ ...raw, ...changes })).toEqual({ reason });
});

test("an entry that is skipped has its identity all the same", () => {
  const removable = { ...raw, removable: "1\n" };
  expect(describeDrive(removable)).toMatchObject({ name: "sda", serial: "QM00001", sizeBytes: 2 ** 31 });
  expect(describeDrive({ ...raw, sizeSectors: "0" })?.sizeBytes).toBe(0);
  expect(describeDrive({ ...raw, link: undefined })).toBeUndefined();
});

test("an NVMe drive with several controllers lies where its first controller does", () => {
  const head = {
    ...raw,
    name: "nvme0n1",
    link: "../../devices/virtual/nvme-subsystem/nvme-subsys0/nvme0n1",
    controllerView: {
      name: "nvme0c1n1",
      link: "../../devices/pci0000:00/0000:04:00.0/nvme/nvme1/nvme0c1n1",
    },
    classAttributes: new Map([["block/nvme0c1n1/nsid", "7"]]),
  };
  expect(describeDrive(head)).toMatchObject({ transport: "nvme", path: "pci-0000:04:00.0-nvme-7" });
});

test("attributes that a drive does not have get sensible defaults", () => {
  const bare = parseDrive({
    ...raw,
    hidden: undefined,
    readOnly: undefined,
    logicalSectorBytes: undefined,
    physicalSectorBytes: undefined,
    rotational: undefined,
    model: undefined,
    serial: undefined,
    wwn: undefined,
  });
  expect(bare).toMatchObject({
    drive: {
      logicalSectorBytes: 512,
      physicalSectorBytes: 512,
      rotational: false,
      model: "",
      serial: "",
      wwn: "",
    },
  });
});

test("whatever sysfs says, an entry is a sound drive or skipped with a reason", () => {
  const text = fc.option(fc.oneof(fc.string(), fc.integer().map(String)), { nil: undefined });
  const entry = fc.record({
    name: fc.string(),
    isPartition: fc.boolean(),
    isDevice: fc.boolean(),
    link: text,
    removable: fc.oneof(text, fc.constant("0")),
    hidden: text,
    readOnly: text,
    sizeSectors: text,
    logicalSectorBytes: text,
    physicalSectorBytes: text,
    rotational: text,
    model: text,
    serial: text,
    wwn: text,
  });
  fc.assert(
    fc.property(entry, (attributes) => {
      const verdict = parseDrive(attributes);
      if ("reason" in verdict) expect(verdict.reason).toMatch(/^skipping /);
      else expect(Number.isSafeInteger(verdict.drive.sizeBytes) && verdict.drive.sizeBytes > 0).toBe(true);
    }),
    { seed: 1 },
  );
});

test.each([
  ["../../devices/pci0000:00/0000:00:04.0/virtio1/block/vda", "pci0000:00/0000:00:04.0/virtio1"],
  ["../../devices/virtio/vda", "../../devices/virtio/vda"],
  ["a/b/c/d/e/f", "d"],
  ["", ""],
])("bus location of %j is %j", (link, location) => {
  expect(parseBusLocation(link)).toBe(location);
});

test("drives are sorted by bus location as bytes, equal ones stay in order", () => {
  const at = (name: string, busLocation: string) => drive(name, { busLocation });
  const sorted = sortByBusLocation([
    at("a", "host2"),
    at("b", "host10"),
    at("c", "0000:10"),
    at("d", "0000:0a"),
    at("e", "host2"),
  ]);
  expect(sorted.map(({ name }) => name)).toEqual(["d", "c", "b", "a", "e"]);
});

test("the order of NVMe drives with several controllers does not follow the names of one start", () => {
  const at = (name: string, path: string) => drive(name, { busLocation: "virtual/nvme-subsystem", path });
  const sorted = sortByBusLocation([
    at("nvme0n1", "pci-0000:05:00.0-nvme-1"),
    at("nvme1n1", "pci-0000:04:00.0-nvme-1"),
  ]);
  expect(sorted.map(({ name }) => name)).toEqual(["nvme1n1", "nvme0n1"]);
});

test.each([
  ["sda", 2, "sda2"],
  ["vdb", 10, "vdb10"],
  ["nvme0n1", 1, "nvme0n1p1"],
  ["mmcblk0", 3, "mmcblk0p3"],
  ["loop7", 1, "loop7p1"],
])("partition of %s number %i is called %s", (driveName, number, name) => {
  expect(formatPartitionName(driveName, number)).toBe(name);
});
