import { expect, test } from "vitest";
import { byteStringOf } from "../../../src/core/byte-string.ts";
import { planUnpack } from "../../../src/images/unpack-plan.ts";
import { directory, file, rawTree, symlink, treeOf } from "../../support/image-trees.ts";

const large = Buffer.alloc(64 * 1024, 1);

test("directories come parents first, inodes at their first path, further paths as hard links", () => {
  const shared = file("shared");
  const tree = treeOf({ etc: { a: shared, sub: { b: shared } }, c: shared, l: symlink("c") });
  const plan = planUnpack(tree, byteStringOf("/mnt"), "copy");
  expect(plan.directories.map(({ path }) => path)).toEqual(["/mnt/etc", "/mnt/etc/sub"]);
  expect(plan.files.map(({ path, parent }) => [path, parent])).toEqual([
    ["/mnt/etc/a", "/mnt/etc"],
    ["/mnt/l", "/mnt"],
  ]);
  expect(plan.hardLinks.map(({ path, number }) => [path, number])).toEqual([
    ["/mnt/etc/sub/b", 1n],
    ["/mnt/c", 1n],
  ]);
  expect(plan.writtenBytes).toBe(6);
});

test("unpacking into / does not double the slash", () => {
  const plan = planUnpack(treeOf({ a: file("x"), d: {} }), byteStringOf("/"), "copy");
  expect([plan.files[0]?.path, plan.directories[0]?.path]).toEqual(["/a", "/d"]);
});

test("an inode that no entry names takes neither space nor time", () => {
  const plan = planUnpack(
    rawTree(
      [],
      [
        [1n, file("ghost")],
        [2n, directory()],
      ],
    ),
    byteStringOf("/mnt"),
    "copy",
  );
  expect(plan).toEqual({ directories: [], files: [], hardLinks: [], writtenBytes: 0 });
});

test("link links the first inode of each large or unchanging object and copies the rest", () => {
  const tree = treeOf({
    usr: { tool: file("tool"), twin: file("tool"), none: file("") },
    lib64: { loader: file("loader") },
    library: { lib: file("lib") },
    etc: { usr: { tool: file("configuration") } },
    large: file(large),
    again: file(large, { uid: 7 }),
    small: file(large.subarray(1)),
    empty: file(""),
  });
  const plan = planUnpack(tree, byteStringOf("/t"), "link");
  expect(plan.files.map(({ path, isLinked }) => [path, isLinked])).toEqual([
    ["/t/usr/tool", true],
    ["/t/usr/twin", false],
    ["/t/usr/none", false],
    ["/t/lib64/loader", true],
    ["/t/library/lib", false],
    ["/t/etc/usr/tool", false],
    ["/t/large", true],
    ["/t/again", false],
    ["/t/small", false],
    ["/t/empty", false],
  ]);
  const smallBytes = "tool".length + "lib".length + "configuration".length;
  expect(plan.writtenBytes).toBe(smallBytes + 2 * large.byteLength - 1);
  expect(planUnpack(tree, byteStringOf("/t"), "copy").files.some(({ isLinked }) => isLinked)).toBe(false);
});
