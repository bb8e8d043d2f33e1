import { describe, expect, it } from "vitest";
import { directoryOfImage, isImageName } from "../../../src/imageserver/image-name.ts";

describe("image names", () => {
  it.each(["debian/13", "a", "a b/c~d", "x/y/z.1", "ünï/cødé", "-x", "a".repeat(200)])("allow %j", (name) => {
    expect(isImageName(name)).toBe(true);
  });

  it.each([
    "",
    ".",
    "..",
    "../x",
    "a/../b",
    "/etc/passwd",
    "a//b",
    "a/",
    ".hidden",
    "a/.metadata",
    "a/b~",
    "a~/b",
    "a\nb",
    "a\0b",
    "a\u{7f}",
    "bad\u{fffd}",
    "\u{d800}",
    "a".repeat(201),
    "a/".repeat(600) + "a",
  ])("refuse %j", (name) => {
    expect(isImageName(name)).toBe(false);
  });

  it.each([
    ["debian/13", "debian"],
    ["a/b/c", "a/b"],
    ["top", "."],
  ])("of %s is in %s", (name, directory) => {
    expect(directoryOfImage(name)).toBe(directory);
  });
});
