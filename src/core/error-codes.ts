/**
 * What kind of trouble an error is. New commands turn it into an exit code (src/cli/exit-code.ts); the commands of
 * the original always exit 1, or 2 for usage.
 */
export type ErrorKind =
  | "usage"
  | "config"
  | "environment"
  | "network"
  | "protocol"
  | "integrity"
  | "target"
  | "cancelled"
  | "bug";

interface ErrorCodeEntry {
  readonly kind: ErrorKind;
  /** One sentence for docs/errors.md: what happened. */
  readonly meaning: string;
  /** What to do about it, as shown to the operator. */
  readonly hint: string;
}

/** Every code that this program throws. docs/errors.md is generated from this table; a test compares the two. */
export const ERROR_CODES = {
  E_BUG: {
    kind: "bug",
    meaning: "The program broke one of its own rules.",
    hint: "report this with the log; it is a defect of the installer",
  },
  E_CANCELLED: { kind: "cancelled", meaning: "The operation was stopped from outside.", hint: "" },
  E_TIMEOUT: {
    kind: "environment",
    meaning: "Something did not happen within its time limit.",
    hint: "look at the log for what was being waited for",
  },
  E_USAGE: { kind: "usage", meaning: "The command line is wrong.", hint: "run `installer -h`" },
  E_COMMAND_FAILED: {
    kind: "environment",
    meaning: "An external program ended with an unexpected exit code or signal.",
    hint: "the program's own words are in the message",
  },
  E_COMMAND_NOT_FOUND: {
    kind: "environment",
    meaning: "An external program is not installed where it was looked for.",
    hint: "install the program there, or use an image that contains it",
  },
  E_COMMAND_TIMEOUT: {
    kind: "environment",
    meaning: "An external program did not end within its time limit and was stopped.",
    hint: "look for a device that does not answer (dmesg)",
  },
  E_SYSTEM_CALL: {
    kind: "environment",
    meaning: "The kernel refused a system call.",
    hint: "the errno name in the message says why",
  },
} as const satisfies Record<string, ErrorCodeEntry>;

export type ErrorCode = keyof typeof ERROR_CODES;
