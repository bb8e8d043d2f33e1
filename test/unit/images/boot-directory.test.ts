import { expect, test } from "vitest";
import { bootDirectoryOf } from "../../../src/images/boot-directory.ts";
import { file, symlink, treeOf } from "../../support/image-trees.ts";

test.each([
  [treeOf({ etc: {} }), { type: "missing" }],
  [treeOf({ boot: symlink("usr/boot") }), { type: "not-a-directory" }],
  [treeOf({ boot: file("x") }), { type: "not-a-directory" }],
  [treeOf({ boot: {} }), { type: "directory", names: [] }],
  [
    treeOf({ boot: { "vmlinuz-6": file("x"), grub: {} } }),
    { type: "directory", names: ["vmlinuz-6", "grub"] },
  ],
])("case %#", (tree, expected) => {
  expect(bootDirectoryOf(tree)).toEqual(expected);
});
