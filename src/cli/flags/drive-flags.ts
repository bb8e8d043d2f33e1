import type { FlagValues } from "./flag-table.ts";

/** Flags of `list-drives`. */
export const LIST_DRIVES_FLAGS = {
  json: {
    type: "bool",
    default: false,
    description: "Print every whole drive with its identity, as a JSON array",
  },
  table: {
    type: "bool",
    default: false,
    description: "Print every whole drive with its identity, and why it cannot be used",
  },
} as const;

export type ListDrivesFlags = FlagValues<typeof LIST_DRIVES_FLAGS>;
