import type { Position } from "./json-node.ts";

/** Something to be said about a place in a configuration file. */
export interface Diagnostic extends Position {
  readonly file: string;
  /** An error keeps the installation from happening as written; a warning does not. */
  readonly severity: "error" | "warning";
  /** `Machine.HostIpAddress` as spelt in the file; "" for the file as a whole. */
  readonly key: string;
  readonly message: string;
}

/** `config.json:3:14`, the form that editors understand. */
export function formatPosition(file: string, { line, column }: Position): string {
  return `${file}:${line}:${column}`;
}

/** `config.json:7:23: error: Machine.HostIpAddress: invalid IP address: 1.2.3`. */
export function formatDiagnostic(diagnostic: Diagnostic): string {
  const { file, severity, key, message } = diagnostic;
  return `${formatPosition(file, diagnostic)}: ${severity}: ${key === "" ? "" : `${key}: `}${message}`;
}

/** As formatDiagnostic, for where the severity is plain from the context. */
export function formatWithoutSeverity(diagnostic: Diagnostic): string {
  const { file, key, message } = diagnostic;
  return `${formatPosition(file, diagnostic)}: ${key === "" ? "" : `${key}: `}${message}`;
}

/** In the order in which a person goes through files. */
export function compareDiagnostics(left: Diagnostic, right: Diagnostic): number {
  return (
    compareText(left.file, right.file) ||
    left.line - right.line ||
    left.column - right.column ||
    compareText(left.severity, right.severity) ||
    compareText(left.key, right.key) ||
    compareText(left.message, right.message)
  );
}

function compareText(left: string, right: string): number {
  if (left === right) return 0;
  return left < right ? -1 : 1;
}
