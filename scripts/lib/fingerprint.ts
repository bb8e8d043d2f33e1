import { createHash } from "node:crypto";
import { globSync, lstatSync, mkdirSync, readFileSync, writeFileSync } from "node:fs";
import path from "node:path";

/** A short digest that changes when a file below `paths` (files, directories) or one of `facts` does. */
export function fingerprint(root: string, paths: readonly string[], facts: readonly string[] = []): string {
  const hash = createHash("sha256");
  for (const fact of facts) hash.update(`${fact}\0`);
  for (const name of paths) {
    for (const file of filesBelow(path.resolve(root, name))) {
      hash
        .update(`${path.relative(root, file)}\0`)
        .update(readFileSync(file))
        .update("\0");
    }
  }
  return hash.digest("hex").slice(0, 32);
}

function filesBelow(start: string): readonly string[] {
  if (!lstatSync(start).isDirectory()) return [start];
  return globSync("**", { cwd: start, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map((entry) => path.join(entry.parentPath, entry.name))
    .toSorted();
}

/** Whether `stampFile` says that its product was made from `wanted`. */
export function isFresh(stampFile: string, wanted: string): boolean {
  try {
    return readFileSync(stampFile, "utf8") === wanted;
  } catch {
    return false;
  }
}

/** To be called last, when the product is complete. */
export function writeStamp(stampFile: string, made: string): void {
  mkdirSync(path.dirname(stampFile), { recursive: true });
  writeFileSync(stampFile, made);
}
