import { describe, expect, it } from "vitest";
import { fileTypeOfMode, isNodeType } from "../../../src/system/file-type.ts";

describe("fileTypeOfMode", () => {
  it.each([
    [0o010644, "fifo", true],
    [0o020666, "character", true],
    [0o040755, "directory", false],
    [0o060660, "block", true],
    [0o100644, "file", true],
    [0o120777, "symlink", false],
    [0o140755, "socket", true],
    [0o000644, undefined, false],
    [0o170000, undefined, false],
  ])("reads the type bits of %o", (mode, type, isNode) => {
    expect(fileTypeOfMode(mode)).toBe(type);
    expect(isNodeType(fileTypeOfMode(mode))).toBe(isNode);
  });
});
