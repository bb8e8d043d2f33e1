import { describe, expect, it } from "vitest";
import { InstallerError } from "../../../src/core/errors.ts";
import { acceptEnding, commandNotFound, commandTimedOut } from "../../../src/system/command-endings.ts";

const command = { program: "parted", args: ["-s", "/dev/sda"], chroot: "/tools" };
const silence = { stdout: "", stderr: "", durationMs: 5 };

describe("acceptEnding", () => {
  it("gives the result when the exit code is expected", () => {
    expect(acceptEnding(command, { exitCode: 0 }, silence)).toEqual({ exitCode: 0, ...silence });
    expect(acceptEnding({ ...command, okExitCodes: [4] }, { exitCode: 4 }, silence).exitCode).toBe(4);
  });

  it.each([
    [{ exitCode: 1 }, {}, "running parted -s /dev/sda (chroot=/tools): exit code 1"],
    [{ exitCode: 1 }, { stderr: "bad\n" }, "running parted -s /dev/sda (chroot=/tools): exit code 1: bad"],
    [
      { exitCode: 1 },
      { stdout: "out\n", stderr: "\n" },
      "running parted -s /dev/sda (chroot=/tools): exit code 1: out",
    ],
    [{ signal: "SIGSEGV" }, {}, "running parted -s /dev/sda (chroot=/tools): killed by SIGSEGV"],
    [{}, {}, "starting parted -s /dev/sda (chroot=/tools)"],
  ])("throws for %j with %j", (ending, output, message) => {
    const run = () => acceptEnding(command, ending, { ...silence, ...output });
    expect(run).toThrow(new InstallerError("E_COMMAND_FAILED", message));
  });

  it("quotes no more than the last ten lines", () => {
    const stderr = Array.from({ length: 30 }, (_, index) => `line ${index}`).join("\n");
    const error = commandTimedOut(command, 1500, { ...silence, stderr });
    expect(error.code).toBe("E_COMMAND_TIMEOUT");
    expect(error.message).toContain("no end after 1.5 s: line 20\n");
    expect(error.message.endsWith("line 29")).toBe(true);
  });
});

describe("commandNotFound", () => {
  it.each([
    ["parted", "/tools", "looking for parted: not found in PATH (chroot=/tools)"],
    ["/bin/x", undefined, "looking for /bin/x: no such executable"],
  ])("names %s and %s", (program, root, message) => {
    const error = commandNotFound(program, root);
    expect([error.code, error.message]).toEqual(["E_COMMAND_NOT_FOUND", message]);
  });
});
