import { expect, test } from "vitest";
import type { Inode } from "../../../src/images/model.ts";
import { countLinks, countTree, estimateUsage, requiredObjects, walkTree } from "../../../src/images/tree.ts";
import { directory, file, idOf, rawTree, special, symlink, treeOf } from "../../support/image-trees.ts";

test("a tree is walked parents first, in the order of its directories, hard links once a path", () => {
  const shared = file("x");
  const tree = treeOf({ b: { z: shared, a: symlink("z") }, a: shared });
  expect([...walkTree(tree)].map(({ path, number }) => [path, number])).toEqual([
    ["/", undefined],
    ["/b", 3n],
    ["/b/z", 1n],
    ["/b/a", 2n],
    ["/a", 1n],
  ]);
  expect(countLinks(tree)).toEqual(
    new Map([
      [3n, 1],
      [1n, 2],
      [2n, 1],
    ]),
  );
});

test("counters count inodes, not paths", () => {
  const shared = file("12345");
  const tree = treeOf({ a: shared, b: shared, copy: file("12345"), empty: file(""), d: { e: {} } });
  expect(countTree(tree)).toEqual({ regularInodes: 3, dataBytes: 10, directories: 3 });
  expect(tree.statedDataBytes).toBe(10n);
});

test("the objects of a tree are those of its non-empty files, once each", () => {
  const tree = treeOf({
    a: file("one"),
    b: file("one"),
    c: file("three"),
    empty: file(""),
    link: symlink("a"),
  });
  expect(requiredObjects(tree)).toEqual(
    new Map([
      [idOf("one"), 3],
      [idOf("three"), 5],
    ]),
  );
});

test("two sizes for one object are refused", () => {
  const tree = treeOf({ a: file("one"), b: { ...file("one"), sizeBytes: 4 } });
  expect(() => requiredObjects(tree)).toThrow(
    expect.objectContaining({
      code: "E_IMAGE_INVALID",
      message: expect.stringContaining("3 bytes and 4 bytes"),
    }),
  );
});

test("usage is estimated as the original does", () => {
  // The second example of spec/image.md 3.2: 2 × 4096 + 64.
  const computed: Inode = { kind: "computed", mode: 0o100644, uid: 0, gid: 0, source: "host:1" };
  const inodes: (readonly [bigint, Inode])[] = [
    [1n, directory()],
    [2n, file("small")],
    [3n, file("")],
    [4n, symlink("x")],
    [5n, computed],
    [6n, special(0o020600, 0x103n)],
  ];
  const tree = rawTree([], inodes);
  expect(estimateUsage(tree)).toBe(8256);
  expect(estimateUsage(tree, 0)).toBe(8256);
  expect(estimateUsage(tree, 1000)).toBe(1000 + 512 + 64);
});
