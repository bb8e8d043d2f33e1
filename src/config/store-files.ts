import type { FileSystem } from "../system/files.ts";
import type { FetchedFiles } from "./files.ts";

/**
 * Puts fetched files into `directory` (made when missing), each atomically and only once all of them are safely written
 * beside it. Files of other names stay. System errors as they are.
 */
export async function writeFetchedFiles(
  files: FileSystem,
  directory: string,
  fetched: FetchedFiles,
): Promise<void> {
  await files.makeDirectory(directory, { parents: true, mode: 0o755 });
  const staging = await files.makeTemporaryDirectory(directory, ".incoming-");
  try {
    for (const [name, content] of fetched) await files.writeFileAtomic(`${staging}/${name}`, content);
    for (const name of fetched.keys()) await files.rename(`${staging}/${name}`, `${directory}/${name}`);
  } finally {
    await files.removeTree(staging);
  }
}
