import { dirname } from "node:path";
import { errnoOf, InstallerError } from "../../core/errors.ts";
import type { FileSystem } from "../../system/files.ts";

/** What writing below the mount point takes. */
export type TargetFiles = Pick<FileSystem, "lstat" | "makeDirectory" | "writeFileAtomic">;

/**
 * Writes `path` (relative) below `mountPoint` atomically, mode 0644, and creates missing directories. A link in place of
 * the file is replaced; a link in place of a directory is refused, as it could lead out of the new system. Rejects with
 * E_NETWORK_WRITE.
 */
export async function writeInsideTarget(
  files: TargetFiles,
  mountPoint: string,
  path: string,
  content: string,
): Promise<void> {
  try {
    let directory = mountPoint;
    for (const name of dirname(path).split("/")) {
      directory = `${directory}/${name}`;
      await makeRealDirectory(files, directory);
    }
    await files.writeFileAtomic(`${mountPoint}/${path}`, content);
  } catch (error) {
    throw new InstallerError("E_NETWORK_WRITE", `writing ${mountPoint}/${path}`, { cause: error });
  }
}

async function makeRealDirectory(files: TargetFiles, path: string): Promise<void> {
  try {
    const { type } = await files.lstat(path);
    if (type !== "directory") throw new InstallerError("E_NETWORK_WRITE", `${path} is a ${type}`);
  } catch (error) {
    if (errnoOf(error) !== "ENOENT") throw error;
    await files.makeDirectory(path, { mode: 0o755 });
  }
}
