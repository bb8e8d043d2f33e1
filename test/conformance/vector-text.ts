import { readFile } from "node:fs/promises";
import { join } from "node:path";

/** A text of the vectors; bytes that are not UTF-8 are given in hex. */
export type VectorText = string | { readonly hex: string };

/** The text as the program would get it. */
export function textOf(value: VectorText): string {
  return bytesOfVector(value).toString("utf8");
}

export function bytesOfVector(value: VectorText): Buffer {
  return typeof value === "string" ? Buffer.from(value, "utf8") : Buffer.from(value.hex, "hex");
}

/** The content of a vector file; undefined when the directory does not have it. */
export async function readVectors<Content>(
  vectorDirectory: string,
  path: string,
): Promise<Content | undefined> {
  const text = await readFile(join(vectorDirectory, path), "utf8").catch(() => undefined);
  return text === undefined ? undefined : (JSON.parse(text) as Content);
}
