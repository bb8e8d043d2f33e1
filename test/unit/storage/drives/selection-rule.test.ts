import { expect, test } from "vitest";
import { decideSelectionRule } from "../../../../src/storage/drives/selection-rule.ts";

const bootDrive = { serial: "S1" };
const dataDrives = [{ serial: "S2", count: 1 }];

test("without a word from the operator all drives are taken", () => {
  expect(decideSelectionRule({}, "")).toEqual({ kind: "all" });
  expect(decideSelectionRule({ dataDrives: [] }, "")).toEqual({ kind: "all" });
});

test("a drive selector is asked", () => {
  expect(decideSelectionRule({}, "/bin/choose")).toEqual({ kind: "program", program: "/bin/choose" });
});

test("the layout decides, and names no data drive unless it says so", () => {
  expect(decideSelectionRule({ bootDrive }, "")).toEqual({ kind: "declared", bootDrive, dataDrives: [] });
  expect(decideSelectionRule({ bootDrive, dataDrives }, "")).toEqual({
    kind: "declared",
    bootDrive,
    dataDrives,
  });
});

test("data drives without a boot drive are refused", () => {
  expect(() => decideSelectionRule({ dataDrives }, "")).toThrow(
    expect.objectContaining({
      code: "E_DRIVE_SELECTION",
      message: expect.stringContaining("no BootDrive") as string,
    }) as Error,
  );
});

test("two ways of choosing are refused", () => {
  expect(() => decideSelectionRule({ bootDrive }, "/bin/choose")).toThrow(
    expect.objectContaining({
      code: "E_DRIVE_SELECTION",
      message:
        "both BootDrive in storage-layout.json and -driveSelector=/bin/choose choose the drives: leave one out",
    }) as Error,
  );
});
