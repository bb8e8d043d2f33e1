import { dirname } from "node:path";
import { errnoOf } from "../../core/errors.ts";
import type { FileSystem, FileType } from "../../system/files.ts";

/** What looking below the mount point takes. */
export type TargetReader = Pick<FileSystem, "lstat" | "readLink" | "readDirectoryText">;

/**
 * What `path` (relative) below `mountPoint` is; undefined when there is nothing. A directory on the way that is a link
 * counts as nothing: it could lead out of the new system. Rejects with a system error.
 */
export async function typeInsideTarget(
  files: Pick<FileSystem, "lstat">,
  mountPoint: string,
  path: string,
): Promise<FileType | undefined> {
  const parent = dirname(path);
  if (parent !== "." && (await typeInsideTarget(files, mountPoint, parent)) !== "directory") return undefined;
  try {
    return (await files.lstat(`${mountPoint}/${path}`)).type;
  } catch (error) {
    if (errnoOf(error) === "ENOENT") return undefined;
    throw error;
  }
}

/** The names in a directory below `mountPoint`; none when it is missing or no real directory. */
export async function namesInsideTarget(
  files: Pick<FileSystem, "lstat" | "readDirectoryText">,
  mountPoint: string,
  path: string,
): Promise<readonly string[]> {
  if ((await typeInsideTarget(files, mountPoint, path)) !== "directory") return [];
  return files.readDirectoryText(`${mountPoint}/${path}`);
}
