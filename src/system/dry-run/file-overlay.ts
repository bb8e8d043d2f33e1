import { posix } from "node:path";
import type { FileStatus, FileType, Path } from "../files.ts";
import { systemError } from "../system-error.ts";

/** A file that a dry run believes to have made. */
export interface OverlayEntry {
  readonly type: FileType;
  /** Of files: absent when it was too large to keep. Of links: the target. */
  readonly content?: Buffer;
  readonly sizeBytes: number;
  readonly permissions: number;
  readonly uid: number;
  readonly gid: number;
  readonly modifiedNs: bigint;
  readonly rdev: bigint;
}

/** What is at a path: an entry of the overlay, nothing (it was removed), or whatever the real machine has there. */
export type OverlayFinding = OverlayEntry | "removed" | "real";

/** Names as bytes, one character each. */
interface DirectoryOverlay {
  /** Whether the names that the real directory has count, except those in `removed`. */
  readonly showsReal: boolean;
  readonly removed: ReadonlySet<string>;
  readonly added: readonly string[];
}

/** One name below another. */
interface OverlayNode {
  readonly entry?: OverlayEntry;
  /** Hides the real file and everything that is really below it. */
  readonly hidesReal: boolean;
  readonly children: Map<string, OverlayNode>;
}

/**
 * The files that a dry run believes to have made and removed, by path. Paths are compared as text: what was written
 * through one name is not found through a symbolic link to it.
 */
export class FileOverlay {
  readonly #root: OverlayNode = { hidesReal: false, children: new Map() };

  /** Throws ENOTDIR below a file that the dry run made. */
  find(path: Path): OverlayFinding {
    let node: OverlayNode | undefined = this.#root;
    let isHidden = false;
    for (const name of componentsOf(path)) {
      if (node?.entry?.type === "file") throw systemError("ENOTDIR", "open", path);
      node = node?.children.get(name);
      isHidden ||= node?.hidesReal ?? false;
    }
    return node?.entry ?? (isHidden ? "removed" : "real");
  }

  put(path: Path, entry: OverlayEntry): void {
    const { parent, name } = this.#place(path);
    const existing = parent.children.get(name);
    parent.children.set(name, {
      entry,
      hidesReal: existing?.hidesReal ?? false,
      children: existing?.children ?? new Map<string, OverlayNode>(),
    });
  }

  /** Hides whatever is at `path` and below. */
  remove(path: Path): void {
    const { parent, name } = this.#place(path);
    parent.children.set(name, { hidesReal: true, children: new Map() });
  }

  /** Moves the overlay's entries at and below `from`, in place of what is at `to`. */
  move(from: Path, to: Path): void {
    const source = this.#place(from);
    const moved = source.parent.children.get(source.name);
    this.remove(from);
    if (moved === undefined) return;
    const target = this.#place(to);
    target.parent.children.set(target.name, { ...moved, hidesReal: true });
  }

  /** What the overlay knows about the content of a directory. */
  namesIn(directory: Path): DirectoryOverlay {
    let node: OverlayNode | undefined = this.#root;
    let isHidden = false;
    for (const name of componentsOf(directory)) {
      node = node?.children.get(name);
      isHidden ||= node?.hidesReal ?? false;
    }
    const children = [...(node?.children ?? [])];
    return {
      showsReal: !isHidden,
      added: children.filter(([, child]) => child.entry !== undefined).map(([name]) => name),
      removed: new Set(children.filter(([, child]) => child.hidesReal).map(([name]) => name)),
    };
  }

  #place(path: Path): { readonly parent: OverlayNode; readonly name: string } {
    const components = componentsOf(path);
    const name = components.pop() ?? "";
    let parent = this.#root;
    for (const component of components) {
      const child = parent.children.get(component) ?? { hidesReal: false, children: new Map() };
      parent.children.set(component, child);
      parent = child;
    }
    return { parent, name };
  }
}

/** What lstat would tell about an entry. */
export function overlayStatus(entry: OverlayEntry): FileStatus {
  const { type, sizeBytes, permissions, uid, gid, modifiedNs, rdev } = entry;
  return { type, sizeBytes, permissions, uid, gid, modifiedNs, rdev, device: 0n, inode: 0n, linkCount: 1 };
}

/** The names along a path, as bytes, one character each. */
function componentsOf(path: Path): string[] {
  const text = Buffer.from(path).toString("latin1");
  if (text.includes("\0")) throw systemError("EINVAL", "open", path);
  const workingDirectory = Buffer.from(process.cwd()).toString("latin1");
  return posix.resolve(workingDirectory, text).split("/").filter(Boolean);
}
