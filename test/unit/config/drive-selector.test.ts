import { describe, expect, test } from "vitest";
import { parseStorageLayout } from "../../../src/config/storage-layout.ts";

const parse = (text: string) => parseStorageLayout("l", text);

test("selectors with every key", () => {
  const text = `{
    "BootDrive": {"Serial": "S1", "Wwn": "0x5000c500a1b2c3d4", "Model": "M 1", "Path": "pci-0000:00:04.0",
      "MinimumBytes": 1, "MaximumBytes": 2, "Transport": "nvme", "Rotational": false},
    "DataDrives": [{"Rotational": true, "Count": 12}, {"serial": "S2"}] }`;
  const { value, warnings } = parse(text);
  expect(warnings).toEqual([]);
  expect(value.bootDrive).toEqual({
    serial: "S1",
    wwn: "0x5000c500a1b2c3d4",
    model: "M 1",
    path: "pci-0000:00:04.0",
    minimumBytes: 1,
    maximumBytes: 2,
    transport: "nvme",
    rotational: false,
  });
  expect(value.dataDrives).toEqual([
    { rotational: true, count: 12 },
    { serial: "S2", count: 1 },
  ]);
});

test("without selectors a layout has none", () => {
  expect(parse("{}").value).not.toHaveProperty("bootDrive");
  expect(parse('{"BootDrive": null, "DataDrives": null}').value).not.toHaveProperty("dataDrives");
});

test("other unknown keys of the layout are still warnings only", () => {
  expect(parse('{"Comment": "x"}').warnings).toEqual(["l:1:2: Comment: unknown key, ignored"]);
});

describe("a mistake in a selector is an error, never a wider selector:", () => {
  test.each([
    [
      '{"BootDrive": {"Transport": "sata", "Serail": "S1"}}',
      "l:1:37: BootDrive.Serail: unknown key, expected Serial, Wwn, Model, Path, MinimumBytes, MaximumBytes, Transport or Rotational; did you mean Serial?",
    ],
    ['{"BootDrive": {"Serial": "S1", "Count": 1}}', "BootDrive.Count: unknown key, expected Serial, "],
    ['{"DataDrives": [{"Serial": "S1", "Cout": 1}]}', "DataDrives[0].Cout: unknown key, expected Serial, "],
    ['{"BootDrive": {"Serial": ""}}', "BootDrive.Serial: found nothing to compare with"],
    ['{"BootDrive": {"Model": "  "}}', "BootDrive.Model: found nothing to compare with"],
    ['{"BootDrive": {"Wwn": "naa."}}', "BootDrive.Wwn: found nothing to compare with"],
    ['{"BootDrive": {"Serial": 5}}', "found 5, expected a string"],
    ['{"BootDrive": "sda"}', 'found "sda", expected an object'],
    ['{"DataDrives": {"Serial": "S1"}}', "found an object, expected an array"],
    ['{"BootDrive": {"Transport": "SATA"}}', 'found "SATA", expected one of nvme, sata, sas, '],
    ['{"BootDrive": {"Rotational": "no"}}', 'found "no", expected a boolean'],
    ['{"BootDrive": {"MinimumBytes": "1T"}}', 'found "1T", expected an integer'],
    ['{"DataDrives": [{"Serial": "S1", "Count": 0}]}', "DataDrives[0].Count: found 0, expected at least 1"],
    [
      '{"BootDisk": {"Serial": "S1"}}',
      "BootDisk: unknown key that seems to choose drives, expected BootDrive or DataDrives",
    ],
    ['{"DataDrive": []}', "DataDrive: unknown key that seems to choose drives"],
  ])("%s", (text, message) => {
    expect(() => parse(text)).toThrow(
      expect.objectContaining({
        code: "E_CONFIG_VALUE",
        message: expect.stringContaining(message) as string,
      }) as Error,
    );
  });
});
