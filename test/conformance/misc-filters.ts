import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { byteStringFromBytes, byteStringOf } from "../../src/core/byte-string.ts";
import { InstallerError } from "../../src/core/errors.ts";
import { parseFilter, parseFilterText, planTest } from "../../src/images/filter.ts";
import type { Report } from "./report.ts";

type VectorPath = string | { readonly hex: string };

interface FilterCase {
  readonly about: string;
  readonly text: string;
  readonly lines?: readonly string[];
  readonly shapes?: readonly string[] | null;
  readonly error?: string;
  readonly matches?: readonly (readonly [VectorPath, boolean])[];
}

/** The filter cases of the set "misc" (misc/filters.json). */
export async function checkFilters(vectorDirectory: string, report: Report): Promise<void> {
  const text = await readFile(join(vectorDirectory, "misc/filters.json"), "utf8").catch(() => undefined);
  if (text === undefined) return;
  const { cases } = JSON.parse(text) as { cases: readonly FilterCase[] };
  for (const filterCase of cases) {
    await report.check(`misc/filters: ${filterCase.about}`, () => checkFilter(filterCase));
  }
}

function checkFilter({ text, lines, shapes, error, matches = [] }: FilterCase): string | undefined {
  const foundLines = parseFilterText(text);
  let filter: ReturnType<typeof parseFilter>;
  try {
    filter = parseFilter(foundLines);
  } catch (thrown) {
    if (!(thrown instanceof InstallerError)) throw thrown;
    if (error === undefined) return `refused: ${thrown.message}`;
    return thrown.message.includes(error) ? undefined : `error ${thrown.message}, expected ${error}`;
  }
  if (error !== undefined) return `accepted, expected ${error}`;
  if (JSON.stringify(foundLines) !== JSON.stringify(lines ?? []))
    return `lines ${JSON.stringify(foundLines)}`;
  const foundShapes = foundLines.map((line) => (line === "!" ? "invert" : planTest(line).shape));
  if (JSON.stringify(foundShapes) !== JSON.stringify(shapes ?? [])) return `shapes ${foundShapes.join(", ")}`;
  for (const [path, isExcluded] of matches) {
    const bytes =
      typeof path === "string" ? byteStringOf(path) : byteStringFromBytes(Buffer.from(path.hex, "hex"));
    if (filter.isExcluded(bytes) !== isExcluded)
      return `${JSON.stringify(path)} is ${isExcluded ? "not " : ""}excluded`;
  }
  return undefined;
}
