import type { FileSystem } from "../../system/files.ts";

const ATTRIBUTE_LIMIT_BYTES = 4096;

/** The text of a small file of sysfs; empty when it is missing, unreadable or absurdly long: machines differ. */
export async function readAttribute(files: Pick<FileSystem, "readHead">, path: string): Promise<string> {
  try {
    return (await files.readHead(path, ATTRIBUTE_LIMIT_BYTES)).toString("utf8").trim();
  } catch {
    return "";
  }
}

/** As readAttribute, a count; 0 for everything that is none. */
export async function readCount(files: Pick<FileSystem, "readHead">, path: string): Promise<number> {
  const text = await readAttribute(files, path);
  return /^\d{1,16}$/.test(text) ? Number(text) : 0;
}
