import fc from "fast-check";
import { expect, test } from "vitest";
import { InstallerError } from "../../../src/core/errors.ts";
import type { Inode } from "../../../src/images/model.ts";
import { countLinks, walkTree } from "../../../src/images/tree.ts";
import { DEFAULT_TREE_LIMITS, validateTree } from "../../../src/images/validate-tree.ts";
import { directory, entries, file, rawTree, special, symlink, treeOf } from "../../support/image-trees.ts";

test("an ordinary tree is valid, and so is an inode that no entry names", () => {
  const shared = file("x");
  const tree = treeOf({
    a: shared,
    b: { c: shared, "..c": symlink("../../etc"), größe: special(0o020600, 0x103n), pipe: special(0o010600) },
  });
  expect(() => validateTree(tree)).not.toThrow();
  expect(() => validateTree(rawTree([], [[1n, directory(entries([["x", 2n]]))]]))).not.toThrow();
});

const loop: Inode = directory(entries([["self", 1n]]));

test.each<[string, ReturnType<typeof rawTree>]>([
  [
    "etc/missing: no entry in inode table for: 99",
    rawTree([["etc", 1n]], [[1n, directory(entries([["missing", 99n]]))]]),
  ],
  ["/etc/self: directory 1 has more than one entry", rawTree([["etc", 1n]], [[1n, loop]])],
  [
    "/b: directory 1 has more than one entry",
    rawTree(
      [
        ["a", 1n],
        ["b", 1n],
      ],
      [[1n, directory()]],
    ),
  ],
  ["cannot unpack a file-system with /.inodes", treeOf({ ".inodes": {} })],
  ["cannot unpack a file-system with /.objects", treeOf({ ".objects": {} })],
  ['/: name with a slash: "../etc/passwd"', rawTree([["../etc/passwd", 1n]], [[1n, file("x")]])],
  ['/: reserved name: ".."', rawTree([["..", 1n]], [[1n, file("x")]])],
  ['/: reserved name: "."', rawTree([[".", 1n]], [[1n, directory()]])],
  ['/: empty name: ""', rawTree([["", 1n]], [[1n, file("x")]])],
  ['/: name with a zero byte: "a\\u0000b"', rawTree([["a\0b", 1n]], [[1n, file("x")]])],
  [
    `/: name longer than 255 bytes: "${"n".repeat(256)}"`,
    rawTree([["n".repeat(256), 1n]], [[1n, file("x")]]),
  ],
  [
    "/a: the name occurs twice in its directory",
    rawTree(
      [
        ["a", 1n],
        ["a", 2n],
      ],
      [
        [1n, file("x")],
        [2n, file("y")],
      ],
    ),
  ],
  ["/s: impossible mode 0140755 (special)", treeOf({ s: special(0o140755) })],
  ["/s: impossible mode 0100644 (special)", treeOf({ s: special(0o100644) })],
  ["/f: impossible mode 0120777 (regular)", treeOf({ f: file("x", { mode: 0o120777 }) })],
  ["/f: impossible mode 0100000644 (regular)", treeOf({ f: file("x", { mode: 0o100000644 }) })],
  ["/d: impossible mode 0100755 (directory)", rawTree([["d", 1n]], [[1n, directory([], 0o100755)]])],
  ["/f: impossible owner 4294967295:0", treeOf({ f: file("x", { uid: 0xffff_ffff }) })],
  ["/f: impossible size -1", treeOf({ f: file("x", { sizeBytes: -1 }) })],
  ["/c: impossible device number 4294967296", treeOf({ c: special(0o020600, 1n << 32n) })],
  ["/l: symbolic link without a target", treeOf({ l: symlink("") })],
  ["/l: symbolic link whose target has a zero byte", treeOf({ l: symlink("a\0b") })],
  ["/l: symbolic link whose target is too long", treeOf({ l: symlink("x".repeat(4096)) })],
  ["inode 7: impossible mode 0140755 (special)", rawTree([], [[7n, special(0o140755)]])],
  [
    "/: the sizes of the files add up to more than 2^53 bytes",
    treeOf({ a: file("a", { sizeBytes: Number.MAX_SAFE_INTEGER }), b: file("b", { sizeBytes: 1 }) }),
  ],
])("refused: %s", (message, tree) => {
  expect(() => validateTree(tree)).toThrow(expect.objectContaining({ code: "E_IMAGE_INVALID", message }));
});

test("the limits hold", () => {
  const tree = treeOf({ a: { b: { c: file("x") } }, d: file("y") });
  const limits = { inodes: 4, entries: 4, depth: 2, pathBytes: 6 };
  expect(() => validateTree(tree, { ...limits, inodes: 4 })).not.toThrow();
  for (const [tighter, message] of [
    [{ inodes: 3 }, "more than 3 inodes"],
    [{ entries: 3 }, "more than 3 directory entries"],
    [{ depth: 1 }, "more than 1 directories deep"],
    [{ pathBytes: 5 }, "longer than 5 bytes"],
  ] as const) {
    expect(() => validateTree(tree, { ...limits, ...tighter })).toThrow(
      expect.objectContaining({ code: "E_IMAGE_INVALID", message: expect.stringContaining(message) }),
    );
  }
});

test("a very deep tree ends in an error, not in a stack overflow", () => {
  const count = 100_000n;
  const inodes: (readonly [bigint, Inode])[] = [];
  for (let number = 1n; number <= count; number++)
    inodes.push([number, directory(entries([["d", number + 1n]]))]);
  const deep = rawTree([["d", 1n]], inodes);
  expect(() => validateTree(deep, { ...DEFAULT_TREE_LIMITS, pathBytes: 1_000_000 })).toThrow(
    expect.objectContaining({
      code: "E_IMAGE_INVALID",
      message: expect.stringContaining("directories deep"),
    }),
  );
});

test("a tree that passes can be walked: every path once, every path below its parent", () => {
  const numbers = fc.bigInt({ min: 1n, max: 6n });
  const names = fc.constantFrom("a", "b", "c", "..", "", "x/y");
  const lists = fc.array(fc.tuple(names, numbers), { maxLength: 3 });
  const inodes = fc.oneof(
    lists.map((list): Inode => directory(entries(list))),
    fc.constant<Inode>(file("x")),
    fc.constant<Inode>(symlink("a")),
  );
  const trees = fc.tuple(lists, fc.array(fc.tuple(numbers, inodes), { minLength: 3, maxLength: 8 }));
  let valid = 0;
  fc.assert(
    fc.property(trees, ([rootEntries, table]) => {
      const tree = rawTree(rootEntries, table);
      try {
        validateTree(tree);
      } catch (error) {
        expect(error).toBeInstanceOf(InstallerError);
        return;
      }
      valid += 1;
      const paths = [...walkTree(tree)].map(({ path }) => path);
      expect(new Set(paths).size).toBe(paths.length);
      for (const path of paths) expect(path).toMatch(/^(\/|(\/[abc])+)$/);
      for (const [number, links] of countLinks(tree)) {
        if (tree.inodes.get(number)?.kind === "directory") expect(links).toBe(1);
      }
    }),
    { seed: 1, numRuns: 2000 },
  );
  expect(valid).toBeGreaterThan(100);
});
