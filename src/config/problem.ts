import type { CheckedFile } from "./check-file.ts";
import type { Diagnostic } from "./diagnostic.ts";
import type { JsonPath } from "./json-place.ts";

/** Something wrong with values that are each of the right kind, but do not fit together. */
export interface Problem {
  readonly path: JsonPath;
  readonly severity: Diagnostic["severity"];
  readonly message: string;
}

export function errorAt(path: JsonPath, message: string): Problem {
  return { path, severity: "error", message };
}

export function warningAt(path: JsonPath, message: string): Problem {
  return { path, severity: "warning", message };
}

/** The problems with their places in the file. */
export function locateProblems(
  { locate }: Pick<CheckedFile<unknown>, "locate">,
  problems: readonly Problem[],
): readonly Diagnostic[] {
  return problems.map(({ path, severity, message }) => ({ ...locate(path), severity, message }));
}
