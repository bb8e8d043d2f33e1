import fc from "fast-check";
import { expect, test } from "vitest";
import {
  isBelowOrSame,
  mountDepth,
  parseMountPoint,
  targetPath,
} from "../../../../src/storage/plan/mount-points.ts";

test.each([
  ["/", "/"],
  ["/home", "/home"],
  ["/home/", "/home"],
  ["//var///log/", "/var/log"],
  ["/data/0", "/data/0"],
  ["/device", "/device"],
  ["/with blank", "/with blank"],
])("%j is %j", (text, mountPoint) => {
  expect(parseMountPoint(text)).toBe(mountPoint);
});

test.each([
  ["", "is not an absolute path"],
  ["0", "is not an absolute path"],
  ["/../etc", "has `.` or `..` in it"],
  ["/a/./b", "has `.` or `..` in it"],
  ["/a\nb", "has control characters"],
  ["/a\0", "has control characters"],
  ["/proc", "is reserved (/proc)"],
  ["/dev/shm", "is reserved (/dev)"],
  ["/.inodes", "is reserved (/.inodes)"],
  [`/${"x".repeat(1024)}`, "is too long"],
])("%j is refused: %s", (text, why) => {
  expect(() => parseMountPoint(text)).toThrow(
    expect.objectContaining({
      code: "E_LAYOUT_MOUNT_POINT",
      message: `storage layout: mount point ${JSON.stringify(text)} ${why}`,
    }),
  );
});

test("whatever is accepted stays below the target and is in its plain form", () => {
  fc.assert(
    fc.property(fc.string({ unit: fc.constantFrom("/", ".", "a", " ", "\n", "ö") }), (text) => {
      let mountPoint: string;
      try {
        mountPoint = parseMountPoint(text);
      } catch (error) {
        expect(error).toMatchObject({ code: "E_LAYOUT_MOUNT_POINT" });
        return;
      }
      expect(isBelowOrSame(targetPath("/mnt", mountPoint), "/mnt")).toBe(true);
      expect(parseMountPoint(mountPoint)).toBe(mountPoint);
    }),
    { seed: 1, numRuns: 500 },
  );
});

test.each([
  ["/mnt", "/mnt", true],
  ["/mnt/a", "/mnt", true],
  ["/mnt2", "/mnt", false],
  ["/mn", "/mnt", false],
  ["/anything", "/", true],
])("%s at or below %s: %s", (path, directory, expected) => {
  expect(isBelowOrSame(path, directory)).toBe(expected);
});

test.each([
  ["/", 0],
  ["/var", 1],
  ["/var/log", 2],
])("depth of %s is %i", (mountPoint, depth) => {
  expect(mountDepth(mountPoint)).toBe(depth);
});
