import type { FlagValues } from "./flag-table.ts";

/** Flags of `validate-config`. */
export const VALIDATE_FLAGS = {
  json: {
    type: "bool",
    default: false,
    description: "Print problems, and every value with its origin, as JSON, for programs",
  },
} as const;

export type ValidateFlags = FlagValues<typeof VALIDATE_FLAGS>;
