import type { FileType } from "../system/files.ts";
import type { Inode } from "./model.ts";

/** The type bits of st_mode (inode(7)). */
export const TYPE_MASK = 0o170000;

/** Permission bits with set-uid, set-gid and sticky. */
export const PERMISSION_MASK = 0o7777;

const TYPE_BITS: Readonly<Record<FileType, number>> = {
  socket: 0o140000,
  symlink: 0o120000,
  file: 0o100000,
  block: 0o060000,
  directory: 0o040000,
  character: 0o020000,
  fifo: 0o010000,
};

/** The type that the mode of an inode names; undefined for bits that mean nothing. */
export function fileTypeOfMode(mode: number): FileType | undefined {
  const bits = mode & TYPE_MASK;
  return (Object.keys(TYPE_BITS) as FileType[]).find((type) => TYPE_BITS[type] === bits);
}

/** st_mode of a file of this type. */
export function modeOf(type: FileType, permissions: number): number {
  return TYPE_BITS[type] | (permissions & PERMISSION_MASK);
}

/** The type of the file that an inode becomes. */
export function fileTypeOf(inode: Inode): FileType | undefined {
  switch (inode.kind) {
    case "regular":
    case "computed":
      return "file";
    case "directory":
      return "directory";
    case "symlink":
      return "symlink";
    case "special":
      return fileTypeOfMode(inode.mode);
  }
}

const POSSIBLE_TYPES: Readonly<Record<Exclude<Inode["kind"], "symlink">, readonly number[]>> = {
  // Some makers of images store the permissions alone; the kind says the rest.
  regular: [TYPE_BITS.file, 0],
  computed: [TYPE_BITS.file, 0],
  directory: [TYPE_BITS.directory, 0],
  special: [TYPE_BITS.block, TYPE_BITS.character, TYPE_BITS.fifo],
};

/** Whether an inode of this kind may have this mode. Sockets may not: only a living process gives them a meaning. */
export function isPossibleMode(kind: Exclude<Inode["kind"], "symlink">, mode: number): boolean {
  if (!Number.isInteger(mode) || mode < 0 || mode > (TYPE_MASK | PERMISSION_MASK)) return false;
  return POSSIBLE_TYPES[kind].includes(mode & TYPE_MASK);
}

const TYPE_LETTERS: Readonly<Record<FileType, string>> = {
  socket: "s",
  symlink: "l",
  file: "-",
  block: "b",
  directory: "d",
  character: "c",
  fifo: "p",
};

/** The ten characters of `ls -l`. */
export function formatMode(type: FileType, permissions: number): string {
  const triplet = (shift: number, special: number, letter: string): string => {
    const bits = permissions >> shift;
    const executable = (bits & 1) !== 0;
    const last =
      (permissions & special) === 0 ? (executable ? "x" : "-") : executable ? letter : letter.toUpperCase();
    return `${bits & 4 ? "r" : "-"}${bits & 2 ? "w" : "-"}${last}`;
  };
  return TYPE_LETTERS[type] + triplet(6, 0o4000, "s") + triplet(3, 0o2000, "s") + triplet(0, 0o1000, "t");
}
