import { dirname } from "node:path";
import { errnoOf, InstallerError } from "../../core/errors.ts";
import type { FileSystem } from "../../system/files.ts";
import type { SymbolicLink, TargetFile } from "./target-file.ts";

/** What writing below the mount point takes. */
export type TargetFiles = Pick<FileSystem, "lstat" | "makeDirectory" | "makeSymlink" | "writeFileAtomic">;

/**
 * Writes a file below `mountPoint` atomically, and creates missing directories. A link in place of the file is replaced; a
 * link in place of a directory is refused, as it could lead out of the new system. Rejects with E_NETWORK_WRITE.
 */
export async function writeInsideTarget(
  files: TargetFiles,
  mountPoint: string,
  { path, text, mode }: TargetFile,
): Promise<void> {
  try {
    await makeRealDirectories(files, mountPoint, path);
    await files.writeFileAtomic(`${mountPoint}/${path}`, text, { mode });
  } catch (error) {
    throw new InstallerError("E_NETWORK_WRITE", `writing ${mountPoint}/${path}`, { cause: error });
  }
}

/** Makes the link `path` (relative) below `mountPoint`, unless something has that name; otherwise as writeInsideTarget. */
export async function linkInsideTarget(
  files: TargetFiles,
  mountPoint: string,
  { path, target }: SymbolicLink,
): Promise<void> {
  try {
    await makeRealDirectories(files, mountPoint, path);
    await files.makeSymlink(target, `${mountPoint}/${path}`);
  } catch (error) {
    if (errnoOf(error) === "EEXIST") return;
    throw new InstallerError("E_NETWORK_WRITE", `linking ${mountPoint}/${path}`, { cause: error });
  }
}

async function makeRealDirectories(files: TargetFiles, mountPoint: string, path: string): Promise<void> {
  let directory = mountPoint;
  for (const name of dirname(path).split("/")) {
    directory = `${directory}/${name}`;
    await makeRealDirectory(files, directory);
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
