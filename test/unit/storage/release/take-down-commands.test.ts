import { expect, test } from "vitest";
import type { StackedDevice } from "../../../../src/storage/release/device-stack.ts";
import { parseVolumeName, takeDownCommands } from "../../../../src/storage/release/take-down-commands.ts";

test.each([
  ["vg0-root", "vg0", "root", ""],
  ["my--group-a--b", "my-group", "a-b", ""],
  ["vg-pool-tpool", "vg", "pool", "tpool"],
  ["ends--with---x", "ends-with-", "x", ""],
])("%s is group %s, volume %s, layer %s", (mappingName, group, volume, layer) => {
  expect(parseVolumeName(mappingName)).toEqual({ group, volume, layer });
});

test.each([
  ["vg0-root", "lvchange -an vg0/root"],
  ["vg0-thin-tpool", "vgchange -an vg0"],
  ["vg0-thin_tdata", "vgchange -an vg0"],
  ["vg0-mirror_rimage_0", "vgchange -an vg0"],
])("without dmsetup LVM deactivates %s by %s", (mappingName, line) => {
  const device: StackedDevice = {
    name: "dm-0",
    kind: "logical-volume",
    deviceNumber: "",
    mappingName,
    raidLevel: "",
    holders: [],
    slaves: [],
    parent: undefined,
    drives: ["sda"],
  };
  const lines = takeDownCommands(device).map(({ program, args }) => [program, ...args].join(" "));
  expect(lines).toEqual([`dmsetup remove --retry ${mappingName}`, line]);
});
