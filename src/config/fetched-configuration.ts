import { posix } from "node:path";
import type { FileSystem } from "../system/files.ts";
import { CONFIG_FILE } from "./files.ts";

/**
 * The file that says that a configuration was fetched by an installer, and did not come with the boot medium. Not in the
 * directory itself, which holds what plug-ins and operators expect there.
 */
function markOf(directory: string): string {
  return `${directory.replace(/\/+$/, "")}.fetched`;
}

/**
 * Whether the boot medium brought a configuration, so that none is to be fetched (spec/configuration.md section 3). What
 * an earlier start of the installer has fetched does not count: it may have been mended at its source since.
 */
export async function isConfigurationInjected(
  files: Pick<FileSystem, "exists">,
  directory: string,
): Promise<boolean> {
  if (await files.exists(markOf(directory))) return false;
  return files.exists(`${directory}/${CONFIG_FILE.machine}`);
}

/** Clears the way for files that will be fetched into `directory`: those of an earlier start are removed. */
export async function prepareFetching(
  files: Pick<FileSystem, "exists" | "makeDirectory" | "removeFile" | "writeFile">,
  directory: string,
): Promise<void> {
  const mark = markOf(directory);
  if (await files.exists(mark)) {
    for (const name of Object.values(CONFIG_FILE)) {
      const path = `${directory}/${name}`;
      if (await files.exists(path)) await files.removeFile(path);
    }
    return;
  }
  await files.makeDirectory(posix.dirname(mark), { parents: true });
  await files.writeFile(mark, "");
}
