import { displayOf } from "../core/byte-string.ts";
import type { FileSystemTree, Inode } from "./model.ts";

/** What an image has at `/boot`; a symbolic link does not count as a directory (spec/image.md section 10). */
export type ImageBootDirectory =
  | { readonly type: "missing" }
  | { readonly type: "not-a-directory" }
  | { readonly type: "directory"; readonly names: readonly string[] };

/** The entries of `/boot`, not deeper. The tree must have passed `validateTree`. */
export function bootDirectoryOf(tree: FileSystemTree): ImageBootDirectory {
  const boot = findInode(tree, "boot");
  if (boot === undefined) return { type: "missing" };
  if (boot.kind !== "directory") return { type: "not-a-directory" };
  return { type: "directory", names: boot.entries.map(({ name }) => displayOf(name)) };
}

function findInode(tree: FileSystemTree, nameInRoot: string): Inode | undefined {
  const entry = tree.root.entries.find(({ name }) => displayOf(name) === nameInRoot);
  return entry === undefined ? undefined : tree.inodes.get(entry.inode);
}
