import { describe, expect, test } from "vitest";
import type { Drive } from "../../../../src/storage/drives/drives.ts";
import { findOtherPath } from "../../../../src/storage/drives/other-paths.ts";
import { drive } from "../plan/plan-fixtures.ts";

const isOtherPath = (a: Partial<Drive>, b: Partial<Drive>): boolean => {
  const first = drive("sda", { transport: "sas", ...a });
  const found = findOtherPath(drive("sdb", { transport: "sas", ...b }), [drive("sdz"), first]);
  expect([undefined, first]).toContain(found);
  return found !== undefined;
};

describe("a second path to a drive", () => {
  test.each<[string, Partial<Drive>, Partial<Drive>]>([
    ["name, serial number and size", { wwn: "naa.5001", serial: "S1" }, { wwn: "naa.5001", serial: "S1" }],
    ["a unique name, without any serial number", { wwn: "naa.5001" }, { wwn: "naa.5001" }],
    [
      "a unique name, when one path hides the serial number",
      { wwn: "naa.5001", serial: "S1" },
      { wwn: "naa.5001" },
    ],
    [
      "the name of an NVMe name space",
      { wwn: "nvme.1af4-31-32-00000001", transport: "nvme" },
      { wwn: "nvme.1af4-31-32-00000001", transport: "nvme" },
    ],
    [
      "a vendor's name with a serial number",
      { wwn: "something", serial: "S1" },
      { wwn: "something", serial: "S1" },
    ],
  ])("is recognised by %s", (_what, a, b) => {
    expect(isOtherPath(a, b)).toBe(true);
  });

  test.each<[string, Partial<Drive>, Partial<Drive>]>([
    ["other serial numbers", { wwn: "naa.5001", serial: "S1" }, { wwn: "naa.5001", serial: "S2" }],
    ["other names", { wwn: "naa.5001", serial: "S1" }, { wwn: "naa.5002", serial: "S1" }],
    ["other sizes", { wwn: "naa.5001", sizeBytes: 1 }, { wwn: "naa.5001", sizeBytes: 2 }],
    ["other models", { wwn: "naa.5001", model: "A" }, { wwn: "naa.5001", model: "B" }],
    ["no names", { wwn: "", serial: "S1" }, { wwn: "", serial: "S1" }],
    ["a vendor's name alone", { wwn: "something" }, { wwn: "something" }],
    ["a name of zeroes", { wwn: "eui.0000000000000000" }, { wwn: "eui.0000000000000000" }],
    [
      "one name in two USB cases without serial number",
      { wwn: "t10.Generic Flash Disk", transport: "usb" },
      { wwn: "t10.Generic Flash Disk", transport: "usb" },
    ],
  ])("is not assumed for %s", (_what, a, b) => {
    expect(isOtherPath(a, b)).toBe(false);
  });
});
