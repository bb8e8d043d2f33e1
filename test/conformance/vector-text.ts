import { readFile } from "node:fs/promises";
import { join } from "node:path";
import type { z } from "zod";

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

/** What the schema makes of the text, or why it does not take it. */
export function parseVector<Schema extends z.ZodType>(
  schema: Schema,
  text: string,
): z.output<Schema> | string {
  let json: unknown;
  try {
    json = JSON.parse(text);
  } catch (error) {
    return `this is no JSON: ${String(error)}`;
  }
  const parsed = schema.safeParse(json);
  if (parsed.success) return parsed.data;
  const issues = parsed.error.issues.map(({ path, message }) => `${path.join(".")}: ${message}`);
  return `this is no vector: ${issues.slice(0, 5).join("; ")}`;
}
