import type { FlagValues } from "./flag-table.ts";

/** Flags of `plan`. */
export const PLAN_FLAGS = {
  firmware: {
    type: "string",
    default: "",
    description: "Plan for a machine that boots by bios or efi, in place of the way this one was started",
  },
  image: {
    type: "string",
    default: "",
    description: "Image to install, in place of the file imagename in -tftpDirectory",
  },
  json: { type: "bool", default: false, description: "Print the plan as JSON, for programs" },
  layout: {
    type: "string",
    default: "",
    description: "File of the storage layout, in place of storage-layout.json in -tftpDirectory",
  },
} as const;

export type PlanFlags = FlagValues<typeof PLAN_FLAGS>;
