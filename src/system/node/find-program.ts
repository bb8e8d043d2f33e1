import { accessSync, constants, lstatSync, readlinkSync, statSync } from "node:fs";
import { posix } from "node:path";
import { PROGRAM_PATH } from "../program-path.ts";

/** The kernel's own limit (path_resolution(7)). */
const MAX_LINKS = 40;

/**
 * The path, as seen inside `root`, of an executable file; undefined when there is none. A name without slash is looked
 * up in PROGRAM_PATH. Links are resolved as a process inside `root` would: an absolute target starts at `root`, and
 * `..` never leaves it.
 */
export function findProgram(program: string, root = "/"): string | undefined {
  const candidates = program.includes("/")
    ? [program]
    : PROGRAM_PATH.split(":").map((directory) => posix.join(directory, program));
  return candidates.find((candidate) => isExecutable(candidate, root));
}

function isExecutable(path: string, root: string): boolean {
  const resolved = resolveInRoot(path, root);
  if (resolved === undefined) return false;
  try {
    accessSync(resolved, constants.X_OK);
    return statSync(resolved).isFile();
  } catch {
    return false;
  }
}

/** The real path outside of what `path` means inside `root`; undefined when it does not exist or loops. */
function resolveInRoot(path: string, root: string): string | undefined {
  if (root === "/") return path;
  const pending = path.split("/").reverse();
  const done: string[] = [];
  for (let links = 0; ; ) {
    const name = pending.pop();
    if (name === undefined) return posix.join(root, ...done);
    if (name === "" || name === ".") continue;
    if (name === "..") {
      done.pop();
      continue;
    }
    const target = readLinkTarget(posix.join(root, ...done, name));
    if (target === "absent") return undefined;
    if (target === "not-a-link") {
      done.push(name);
      continue;
    }
    if (++links > MAX_LINKS) return undefined;
    if (target.path.startsWith("/")) done.length = 0;
    pending.push(...target.path.split("/").reverse());
  }
}

function readLinkTarget(path: string): { readonly path: string } | "not-a-link" | "absent" {
  try {
    return lstatSync(path).isSymbolicLink() ? { path: readlinkSync(path) } : "not-a-link";
  } catch {
    return "absent";
  }
}
