import { byteStringOf, displayOf } from "../core/byte-string.ts";
import type { DirectoryInode, FileSystemTree, Inode } from "./model.ts";

/** The kernel's own limit (path_resolution(7)). */
const MAXIMUM_LINKS = 40;

/** Any of the three execute bits. */
const EXECUTABLE = 0o111;

/**
 * What `path` (absolute) leads to inside the image, as a process in its root would see it: links are followed, `..` never
 * leaves the root. Undefined when there is nothing, or links lead in a circle. The tree must have passed `validateTree`.
 */
export function lookUp(tree: FileSystemTree, path: string): Inode | undefined {
  const pending = segmentsOf(path);
  const parents: DirectoryInode[] = [];
  let current: Inode = tree.root;
  let links = 0;
  for (let name = pending.shift(); name !== undefined; name = pending.shift()) {
    if (current.kind !== "directory") return undefined;
    if (name === "..") {
      current = parents.pop() ?? tree.root;
      continue;
    }
    const next = childOf(tree, current, name);
    if (next === undefined) return undefined;
    if (next.kind !== "symlink") {
      parents.push(current);
      current = next;
      continue;
    }
    if (++links > MAXIMUM_LINKS) return undefined;
    const target = displayOf(next.target);
    if (target.startsWith("/")) {
      parents.length = 0;
      current = tree.root;
    }
    pending.unshift(...segmentsOf(target));
  }
  return current;
}

/** True when one of `directories` has an executable file of that name. */
export function hasProgram(tree: FileSystemTree, program: string, directories: readonly string[]): boolean {
  return directories.some((directory) => {
    const inode = lookUp(tree, `${directory}/${program}`);
    return inode?.kind === "regular" && (inode.mode & EXECUTABLE) !== 0;
  });
}

/**
 * The first part of `path` (absolute) at which the image has something other than a directory, links not followed: what
 * would be in the way of a mount point. Undefined when there are only directories, or nothing.
 */
export function findObstacle(
  tree: FileSystemTree,
  path: string,
): { readonly path: string; readonly kind: Inode["kind"] } | undefined {
  let current: DirectoryInode = tree.root;
  let walked = "";
  for (const name of segmentsOf(path)) {
    walked += `/${name}`;
    const next = childOf(tree, current, name);
    if (next === undefined) return undefined;
    if (next.kind !== "directory") return { path: walked, kind: next.kind };
    current = next;
  }
  return undefined;
}

function childOf(tree: FileSystemTree, directory: DirectoryInode, name: string): Inode | undefined {
  const wanted = byteStringOf(name);
  const entry = directory.entries.find((candidate) => candidate.name === wanted);
  return entry === undefined ? undefined : tree.inodes.get(entry.inode);
}

function segmentsOf(path: string): string[] {
  return path.split("/").filter((segment) => segment !== "" && segment !== ".");
}
