import { type Diagnostic, formatDiagnostic } from "../../config/diagnostic.ts";
import type { FolderReport } from "./check-folder.ts";

/** Of the JSON form; counted up when a reader of the old form would be misled. */
const JSON_VERSION = 1;

/** One line a problem, then a summary. */
export function renderReportText(directory: string, { diagnostics }: FolderReport): string {
  const lines = diagnostics.map((diagnostic) => `${formatDiagnostic(diagnostic)}\n`);
  return `${lines.join("")}${directory}: ${summarise(diagnostics)}\n`;
}

/** For programs: the problems, and every value with its place or `"default"`. */
export function renderReportJson(directory: string, { diagnostics, values }: FolderReport): string {
  const report = {
    version: JSON_VERSION,
    directory,
    errors: countOf(diagnostics, "error"),
    warnings: countOf(diagnostics, "warning"),
    problems: diagnostics.map(({ file, line, column, severity, key, message }) => {
      return { file, line, column, severity, key, message };
    }),
    values: values.map(({ file, key, value, position }) => {
      return { file, key, value, origin: position ?? "default" };
    }),
  };
  return `${JSON.stringify(report, null, 2)}\n`;
}

export function countOf(diagnostics: readonly Diagnostic[], severity: Diagnostic["severity"]): number {
  return diagnostics.filter((diagnostic) => diagnostic.severity === severity).length;
}

function summarise(diagnostics: readonly Diagnostic[]): string {
  if (diagnostics.length === 0) return "no problems";
  const errors = countOf(diagnostics, "error");
  const warnings = countOf(diagnostics, "warning");
  return `${errors} ${errors === 1 ? "error" : "errors"}, ${warnings} ${warnings === 1 ? "warning" : "warnings"}`;
}
