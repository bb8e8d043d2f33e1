import { ERROR_CODES, type ErrorKind } from "../core/error-codes.ts";
import { errnoOf, InstallerError } from "../core/errors.ts";

/** The exit code when a program ends by a signal, as shells report it. */
export const EXIT_SIGPIPE = 128 + 13;
const EXIT_SIGINT = 128 + 2;

/** Whose convention a command follows: the original knows 1 and 2 only, our own commands tell more apart. */
export type ExitCodeConvention = "original" | "by-kind";

/** The exit code for a failure (docs/errors.md). */
export function exitCodeOf(error: unknown, convention: ExitCodeConvention): number {
  const kind = kindOf(error);
  if (kind === "usage") return 2;
  if (kind === "cancelled") return EXIT_SIGINT;
  return convention === "original" ? 1 : exitCodeOfKind(kind);
}

/** The exit code of our own commands for a kind of trouble. */
export function exitCodeOfKind(kind: Exclude<ErrorKind, "usage" | "cancelled">): number {
  switch (kind) {
    case "config":
      return 3;
    case "environment":
      return 4;
    case "network":
    case "protocol":
      return 5;
    case "integrity":
    case "target":
      return 6;
    case "bug":
      return 70;
  }
}

/** The kind of the outermost error of ours; a bare system error is the environment's doing, anything else a bug. */
export function kindOf(error: unknown): ErrorKind {
  for (let current = error; current instanceof Error; current = current.cause) {
    if (current instanceof InstallerError) return ERROR_CODES[current.code].kind;
  }
  return errnoOf(error) === undefined ? "bug" : "environment";
}
