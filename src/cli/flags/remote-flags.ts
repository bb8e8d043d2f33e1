import type { FlagTable, FlagValues } from "./flag-table.ts";

/** Flags of every command that talks to a machine that is being installed. */
const REMOTE_FLAGS = {
  certDirectory: {
    type: "string",
    default: "$HOME/.ssl",
    description: "Directory of your certificates: pairs NAME.cert and NAME.key, or cert.pem and key.pem",
  },
} as const satisfies FlagTable;

const WAIT_FLAG = {
  wait: {
    type: "duration",
    default: 0n,
    description: "How long to try again while the machine cannot be reached; 0: one attempt",
  },
} as const satisfies FlagTable;

const INSECURE_FLAG = {
  insecure: {
    type: "bool",
    default: false,
    description: "Go on without a certificate and without encryption when the machine offers nothing better",
  },
} as const satisfies FlagTable;

/** Flags of `watch`. */
export const WATCH_FLAGS = {
  ...REMOTE_FLAGS,
  follow: {
    type: "bool",
    default: false,
    description: "Go on after the end of the installation, through restarts, until interrupted",
  },
  plain: {
    type: "bool",
    default: false,
    description: "Print line by line on a terminal as well",
  },
} as const satisfies FlagTable;

/** Flags of `shell`. */
export const SHELL_FLAGS = { ...REMOTE_FLAGS, ...INSECURE_FLAG } as const satisfies FlagTable;

/** Flags of `logs`. */
export const LOGS_FLAGS = {
  ...REMOTE_FLAGS,
  ...WAIT_FLAG,
  f: { type: "bool", default: false, description: "Wait for more, through restarts, until interrupted" },
  last: { type: "uint", default: 0, description: "Begin with only so many of the last entries; 0: all" },
  level: {
    type: "string",
    default: "debug",
    description: "Least level of what is printed: error, warn, info or debug",
  },
} as const satisfies FlagTable;

/** Flags of `status`. */
export const STATUS_FLAGS = {
  ...REMOTE_FLAGS,
  ...WAIT_FLAG,
  json: { type: "bool", default: false, description: "Print the status as JSON, for programs" },
} as const satisfies FlagTable;

/** Flags of `control`. */
export const CONTROL_FLAGS = { ...REMOTE_FLAGS, ...WAIT_FLAG, ...INSECURE_FLAG } as const satisfies FlagTable;

/** Flags of `diagnose`. */
export const DIAGNOSE_FLAGS = {
  ...REMOTE_FLAGS,
  ...WAIT_FLAG,
  ...INSECURE_FLAG,
  force: { type: "bool", default: false, description: "Replace the file when it exists" },
  o: {
    type: "string",
    default: "",
    description: "File to write, a tar archive; - for standard output",
  },
} as const satisfies FlagTable;

export type WatchFlags = FlagValues<typeof WATCH_FLAGS>;
export type ShellFlags = FlagValues<typeof SHELL_FLAGS>;
export type LogsFlags = FlagValues<typeof LOGS_FLAGS>;
export type StatusFlags = FlagValues<typeof STATUS_FLAGS>;
export type ControlFlags = FlagValues<typeof CONTROL_FLAGS>;
export type DiagnoseFlags = FlagValues<typeof DIAGNOSE_FLAGS>;
