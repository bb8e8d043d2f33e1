import { expect, test } from "vitest";
import { fileTypeOf, fileTypeOfMode, formatMode, isPossibleMode, modeOf } from "../../../src/images/mode.ts";
import { directory, file, special, symlink } from "../../support/image-trees.ts";

test.each([
  ["file", 0o6755, "-rwsr-sr-x"],
  ["file", 0o7000, "---S--S--T"],
  ["directory", 0o1777, "drwxrwxrwt"],
  ["symlink", 0o777, "lrwxrwxrwx"],
  ["block", 0o660, "brw-rw----"],
  ["character", 0o123, "c--x-w--wx"],
  ["fifo", 0, "p---------"],
  ["socket", 0o644, "srw-r--r--"],
] as const)("%s with %o is %s", (type, permissions, text) => {
  expect(formatMode(type, permissions)).toBe(text);
  expect(fileTypeOfMode(modeOf(type, permissions))).toBe(type);
});

test("the type of an inode's file comes from its kind, of a node from its mode", () => {
  const inodes = [
    file("x", { mode: 0o644 }),
    directory(),
    symlink("x"),
    special(0o060600),
    special(0o150600),
  ];
  expect(inodes.map(fileTypeOf)).toEqual(["file", "directory", "symlink", "block", undefined]);
});

test.each([
  ["regular", 0o100644, true],
  ["regular", 0o644, true],
  ["regular", 0o040644, false],
  ["computed", 0o100644, true],
  ["directory", 0o041777, true],
  ["directory", 0o100755, false],
  ["special", 0o020666, true],
  ["special", 0o060666, true],
  ["special", 0o010666, true],
  ["special", 0o140666, false],
  ["special", 0o666, false],
  ["regular", 0o1100644, false],
  ["regular", -1, false],
  ["regular", 0.5, false],
] as const)("a %s inode with mode %o: %s", (kind, mode, isPossible) => {
  expect(isPossibleMode(kind, mode)).toBe(isPossible);
});
