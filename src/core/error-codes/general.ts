import type { ErrorCodeTable } from "./entry.ts";

/** The program itself: command line, external programs, system calls. */
export const GENERAL_ERRORS = {
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
    isHintCommonplace: true,
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
  E_COMMAND_NOT_BUILT_IN: {
    kind: "environment",
    meaning: "The command exists, but this build of the program lacks it.",
    hint: "use a complete build",
  },
  E_NO_TERMINAL: {
    kind: "environment",
    meaning: "No pseudo-terminal could be opened for a shell.",
    hint: "check that devpts is mounted on /dev/pts, and that /dev/ptmx exists",
  },
  E_OUTPUT: {
    kind: "environment",
    meaning: "What a command produced could not be written to standard output.",
    hint: "look at what standard output is connected to: a full disk, or a program that ended",
  },
  E_VALUE_SYNTAX: {
    kind: "usage",
    meaning: "A number, size or duration is not written the way it has to be.",
    hint: "sizes look like 10MiB, durations like 1h30m or 1.5s",
  },
  E_VALUE_RANGE: { kind: "usage", meaning: "A number or size is larger or smaller than allowed.", hint: "" },
  E_FLAG_FILE: {
    kind: "config",
    meaning: "A flag file cannot be read, or a line of it is not a valid flag setting.",
    hint: "lines look like `mountPoint=/mnt`: the flag's name without a dash, `=`, the value",
  },
  E_BASE64: { kind: "config", meaning: "Text that should be base64 is not.", hint: "" },
  E_SYSTEM_CALL: {
    kind: "environment",
    meaning: "The kernel refused a system call.",
    hint: "the errno name in the message says why",
  },
} as const satisfies ErrorCodeTable;
