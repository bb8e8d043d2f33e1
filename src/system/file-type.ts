import type { FileType } from "./files.ts";

const TYPE_BITS = 0o170000;

const TYPES: ReadonlyMap<number, FileType> = new Map([
  [0o010000, "fifo"],
  [0o020000, "character"],
  [0o040000, "directory"],
  [0o060000, "block"],
  [0o100000, "file"],
  [0o120000, "symlink"],
  [0o140000, "socket"],
]);

/** The type that the type bits of a Linux st_mode say; undefined when they say none. */
export function fileTypeOfMode(mode: number): FileType | undefined {
  return TYPES.get(mode & TYPE_BITS);
}

/** Whether mknod(2) can make it (it makes everything but directories and links). */
export function isNodeType(type: FileType | undefined): type is Exclude<FileType, "directory" | "symlink"> {
  return type !== undefined && type !== "directory" && type !== "symlink";
}
