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

/** Prepares `directory` for files that will be fetched: those of an earlier start are removed. */
export async function prepareFetching(
  files: Pick<FileSystem, "exists" | "makeDirectory" | "removeFile" | "writeFile">,
  directory: string,
): Promise<void> {
  await files.makeDirectory(directory, { parents: true, mode: 0o755 });
  const mark = markOf(directory);
  if (await files.exists(mark)) {
    for (const name of Object.values(CONFIG_FILE)) {
      const path = `${directory}/${name}`;
      if (await files.exists(path)) await files.removeFile(path);
    }
    return;
  }
  await files.writeFile(mark, "");
}
