import type { ErrorCodeTable } from "./entry.ts";

/** Boot media. */
export const MEDIA_ERRORS = {
  E_ARCHIVE_ENTRY: {
    kind: "config",
    meaning: "A file cannot be represented in the archive that is being made.",
    hint: "rename or leave out the file that the message names",
  },
  E_KERNEL_MODULE: {
    kind: "config",
    meaning: "The initramfs manifest lists kernel modules that the chosen kernel neither has nor contains.",
    hint: "correct initramfs/manifest.yaml, or restrict the group to another kernel flavour",
  },
  E_MANIFEST: {
    kind: "config",
    meaning: "The list of what belongs into the initramfs is not valid.",
    hint: "correct the file that the message names",
  },
} as const satisfies ErrorCodeTable;
