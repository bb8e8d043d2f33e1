import { describe, expect, it } from "vitest";
import { formatCommand } from "../../../src/system/command-line.ts";

describe("formatCommand", () => {
  it.each([
    [{ program: "mkfs.ext4", args: ["-L", "/home", "/dev/sda2"] }, "mkfs.ext4 -L /home /dev/sda2"],
    [{ program: "echo", args: ["a b", "", "it's"] }, `echo 'a b' '' 'it'\\''s'`],
    [{ program: "parted", args: ["-s"], chroot: "/tmproot" }, "parted -s (chroot=/tmproot)"],
    [{ program: "echo", args: ["$HOME", "*", ";"] }, "echo '$HOME' '*' ';'"],
  ])("writes %j for people", (command, expected) => {
    expect(formatCommand(command)).toBe(expected);
  });
});
