import { describe, expect, it } from "vitest";
import { InstallerError } from "../../../../src/core/errors.ts";
import { formatErrorLine } from "../../../../src/rpc/srpc/method.ts";

describe("formatErrorLine", () => {
  it.each([
    [new InstallerError("E_IMAGE_NOT_FOUND", "finding x"), "finding x"],
    [new InstallerError("E_IMAGE_NOT_FOUND", "a\nb\r\n\nc"), "a b c"],
    [new InstallerError("E_IMAGE_NOT_FOUND", "a", { cause: new Error("b") }), "a: b"],
    [new InstallerError("E_IMAGE_NOT_FOUND", ""), "E_IMAGE_NOT_FOUND"],
    [new InstallerError("E_IMAGE_NOT_FOUND", "\n"), "E_IMAGE_NOT_FOUND"],
    [new TypeError("inner workings"), "internal error"],
  ])("makes one line of %s", (error, line) => {
    expect(formatErrorLine(error)).toBe(line);
  });

  it("does not send endless lines", () => {
    expect(formatErrorLine(new InstallerError("E_BUG", "x".repeat(100_000)))).toHaveLength(4096);
  });
});
