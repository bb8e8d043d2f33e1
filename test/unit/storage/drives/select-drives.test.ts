import { expect, test } from "vitest";
import { parseDriveSelection, selectDrives } from "../../../../src/storage/drives/select-drives.ts";
import { drive } from "../plan/plan-fixtures.ts";

const drives = [drive("sda"), drive("sdb"), drive("sdc")];

const names = (selection: readonly string[] | undefined) =>
  selectDrives(drives, selection).map(({ name }) => name);

test("without a selection all drives are taken in order", () => {
  expect(names(undefined)).toEqual(["sda", "sdb", "sdc"]);
});

test("a selection decides order and number", () => {
  expect(names(["sdc", "sda"])).toEqual(["sdc", "sda"]);
});

test.each([
  [["sdz"], "cannot select non-existant drive: sdz"],
  [["sdb", "sdb"], "cannot select drive twice: sdb"],
  [[], "drive selector selected no drive"],
])("%j is refused", (selection, message) => {
  expect(() => names(selection)).toThrow(expect.objectContaining({ code: "E_DRIVE_SELECTION", message }));
});

test.each([[undefined], [[]]])("without drives there is nothing to select (%j)", (selection) => {
  expect(() => selectDrives([], selection)).toThrow(
    expect.objectContaining({ code: "E_NO_DRIVES", message: "no drives found" }),
  );
});

test("output of a selector: one name a line, comments and empty lines dropped, nothing trimmed", () => {
  expect(parseDriveSelection("# first\nsdb\n\n sda\n")).toEqual(["sdb", " sda"]);
});
