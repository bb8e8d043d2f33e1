import { lstatSync, readdirSync, realpathSync, rmdirSync, unlinkSync } from "node:fs";
import type { Path } from "../files.ts";
import { systemError } from "../system-error.ts";
import type { EventLoopShare } from "./event-loop-share.ts";

/** What must not be entered: another device, or a directory on which something is mounted. */
interface TreeBounds {
  readonly device: bigint;
  readonly mountPoints: ReadonlySet<string>;
  readonly share: EventLoopShare;
}

interface RemoveTreeOptions {
  readonly path: Path;
  /** Of the whole machine, as bytes, one character each. */
  readonly mountPoints: ReadonlySet<string>;
  readonly share: EventLoopShare;
}

/**
 * Removes a tree without following links; an absent one is fine. Rejects with EBUSY at a directory that is a mount
 * point (bind mounts of the same file-system included, which a comparison of devices alone would miss).
 */
export async function removeTreeWithin({ path, mountPoints, share }: RemoveTreeOptions): Promise<void> {
  const status = lstatSync(path, { bigint: true, throwIfNoEntry: false });
  if (status === undefined) return;
  const canonical = canonicalPath(path);
  if (status.isDirectory()) await removeDirectoryTree(canonical, { device: status.dev, mountPoints, share });
  else unlinkSync(canonical);
}

async function removeDirectoryTree(path: Buffer, bounds: TreeBounds): Promise<void> {
  if (bounds.mountPoints.has(path.toString("latin1"))) throw systemError("EBUSY", "rmdir", path);
  const entries = await bounds.share.run(() =>
    readdirSync(path, { withFileTypes: true, encoding: "buffer" }),
  );
  for (const entry of entries) {
    const child = Buffer.concat([path, Buffer.from("/"), entry.name]);
    if (entry.isDirectory()) {
      if (lstatSync(child, { bigint: true }).dev !== bounds.device)
        throw systemError("EBUSY", "rmdir", child);
      await removeDirectoryTree(child, bounds);
    } else await bounds.share.run(() => unlinkSync(child));
  }
  await bounds.share.run(() => rmdirSync(path));
}

/** The path as the mount table would name it: absolute, links resolved in all but the last component. */
function canonicalPath(path: Path): Buffer {
  const text = Buffer.from(path).toString("latin1").replace(/\/+$/, "");
  const slash = text.lastIndexOf("/");
  const parent = slash === -1 ? "." : text.slice(0, slash) || "/";
  const name = text.slice(slash + 1);
  const parentPath = realpathSync(Buffer.from(parent, "latin1"), "buffer").toString("latin1");
  return Buffer.from(`${parentPath === "/" ? "" : parentPath}/${name}`, "latin1");
}
