import { describe, expect, test } from "vitest";
import {
  type DriveSelector,
  findMismatches,
  formatSelector,
  namesOneDrive,
} from "../../../../src/storage/drives/drive-selector.ts";
import { drive, GIB } from "../plan/plan-fixtures.ts";

const disk = drive("sda", {
  serial: "S3Z9NB0K1",
  wwn: "naa.5000C500a1b2c3d4",
  model: "Samsung SSD 870",
  path: "pci-0000:00:1f.2-ata-1",
  transport: "sata",
  rotational: false,
  sizeBytes: 100 * GIB,
});

describe("matches", () => {
  test.each<[DriveSelector]>([
    [{ serial: "S3Z9NB0K1" }],
    [{ serial: "  S3Z9NB0K1 " }],
    [{ model: "Samsung  SSD 870" }],
    [{ wwn: "0x5000c500a1b2c3d4" }],
    [{ wwn: "naa.5000c500a1b2c3d4" }],
    [{ wwn: "5000C500A1B2C3D4" }],
    [{ path: "pci-0000:00:1f.2-ata-1" }],
    [{ path: "pci-0000:00:1f.2-ata-1.0" }],
    [{ path: "/dev/disk/by-path/pci-0000:00:1f.2-ata-1" }],
    [{ minimumBytes: 100 * GIB, maximumBytes: 100 * GIB }],
    [{ transport: "sata" }],
    [{ rotational: false }],
    [{ serial: "S3Z9NB0K1", model: "Samsung SSD 870", transport: "sata", rotational: false }],
  ])("%j", (selector) => {
    expect(findMismatches(disk, selector)).toEqual([]);
  });
});

describe("does not match", () => {
  test.each<[DriveSelector, readonly string[]]>([
    [{ serial: "S3Z9NB0K" }, ['Serial is "S3Z9NB0K1"']],
    [{ serial: "s3z9nb0k1" }, ['Serial is "S3Z9NB0K1"']],
    [{ serial: "S3Z9NB0K*" }, ['Serial is "S3Z9NB0K1"']],
    [{ wwn: "0x5000c500a1b2c3d5" }, ['Wwn is "naa.5000C500a1b2c3d4"']],
    [{ model: "Samsung SSD" }, ['Model is "Samsung SSD 870"']],
    [{ path: "pci-0000:00:1f.2-ata-1.1" }, ['Path is "pci-0000:00:1f.2-ata-1"']],
    [{ minimumBytes: 100 * GIB + 1 }, ["smaller than MinimumBytes (100 GiB)"]],
    [{ maximumBytes: 100 * GIB - 1 }, ["larger than MaximumBytes (100 GiB)"]],
    [{ transport: "nvme", rotational: true }, ["Transport is sata", "Rotational is false"]],
  ])("%j", (selector, mismatches) => {
    expect(findMismatches(disk, selector)).toEqual(mismatches);
  });

  test.each<[DriveSelector, string]>([
    [{ serial: "" }, "Serial is unknown"],
    [{ wwn: "0x" }, "Wwn is unknown"],
    [{ model: " " }, "Model is unknown"],
    [{ path: "" }, "Path is unknown"],
  ])("a drive that does not say, whatever %j wants", (selector, mismatch) => {
    expect(findMismatches(drive("sda"), selector)).toEqual([mismatch]);
  });
});

test("a selector reads as in the file", () => {
  const selector: DriveSelector = {
    model: "A B",
    minimumBytes: 1,
    maximumBytes: 2,
    transport: "usb",
    rotational: true,
  };
  expect(formatSelector(selector)).toBe(
    'Model "A B", MinimumBytes 1, MaximumBytes 2, Transport usb, Rotational true',
  );
  expect(formatSelector({})).toBe("");
});

test.each<[DriveSelector, boolean]>([
  [{ serial: "S" }, true],
  [{ wwn: "0x5" }, true],
  [{ path: "pci-0" }, true],
  [{ model: "M", minimumBytes: 1, maximumBytes: 1, transport: "nvme", rotational: false }, false],
])("%j names one drive: %s", (selector, isName) => {
  expect(namesOneDrive(selector)).toBe(isName);
});
