import { expect, it } from "vitest";

import { exitCodeOf, kindOf } from "../../../src/cli/exit-code.ts";
import type { ErrorCode } from "../../../src/core/error-codes.ts";
import { InstallerError } from "../../../src/core/errors.ts";
import { systemError } from "../../../src/system/system-error.ts";

it.each([
  ["E_USAGE", 2, 2],
  ["E_CANCELLED", 130, 130],
  ["E_FLAG_FILE", 1, 3],
  ["E_SYSTEM_CALL", 1, 4],
  ["E_CONNECTION_REFUSED", 1, 5],
  ["E_SRPC_PROTOCOL", 1, 5],
  ["E_OBJECT_CORRUPT", 1, 6],
  ["E_IMAGE_TOO_LARGE", 1, 6],
  ["E_BUG", 1, 70],
] satisfies (readonly [ErrorCode, number, number])[])(
  "%s exits with %d, in our own commands with %d",
  (code, original, own) => {
    const error = new Error("context", { cause: new InstallerError(code, "x") });
    expect([exitCodeOf(error, "original"), exitCodeOf(error, "by-kind")]).toEqual([original, own]);
  },
);

it.each([
  [systemError("ENOSPC", "write"), "environment"],
  [new TypeError("x"), "bug"],
  ["a string", "bug"],
])("takes %s as %s", (error, kind) => {
  expect(kindOf(error)).toBe(kind);
});

it("goes by the outermost error of ours", () => {
  const inner = new InstallerError("E_USAGE", "x");
  expect(kindOf(new InstallerError("E_FLAG_FILE", "y", { cause: inner }))).toBe("config");
});
