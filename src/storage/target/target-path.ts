import { errnoOf, InstallerError } from "../../core/errors.ts";
import type { FileSystem } from "../../system/files.ts";

/**
 * Makes sure that `path` (as seen from inside the target) is a directory that really lies in the target, creating what is
 * missing (0755), and resolves with its full path. The target's content comes from the network: a symbolic link on
 * the way would lead out of it, so it is refused with E_TARGET_PATH.
 */
export async function makeTargetDirectory(
  targetRoot: string,
  path: string,
  files: Pick<FileSystem, "lstat" | "makeDirectory">,
): Promise<string> {
  let current = targetRoot === "/" ? "" : targetRoot;
  for (const segment of path.split("/").filter((part) => part !== "")) {
    current = `${current}/${segment}`;
    await makeOneDirectory(current, files);
  }
  return current === "" ? "/" : current;
}

async function makeOneDirectory(
  path: string,
  files: Pick<FileSystem, "lstat" | "makeDirectory">,
): Promise<void> {
  try {
    const { type } = await files.lstat(path);
    if (type === "directory") return;
    throw new InstallerError("E_TARGET_PATH", `making directory ${path}: there is a ${type} in its place`);
  } catch (error) {
    if (errnoOf(error) !== "ENOENT") throw error;
    await files.makeDirectory(path);
  }
}

/** `error` as it is when it is one of ours, else E_TARGET_WRITE: the bare errno would not say what was being done. */
export function targetWriteError(what: string, error: unknown): InstallerError {
  return error instanceof InstallerError
    ? error
    : new InstallerError("E_TARGET_WRITE", what, { cause: error });
}
