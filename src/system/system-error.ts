import { constants } from "node:os";
import { getSystemErrorMessage } from "node:util";
import type { Path } from "./files.ts";

/** An errno name that this platform knows, such as `ENOENT`. */
export type ErrnoName = keyof typeof constants.errno;

/** A system error as Node makes them: `code`, `errno` (negative), `syscall`, `path` and a message made of these. */
export function systemError(code: ErrnoName, syscall: string, path?: Path): NodeJS.ErrnoException {
  const errno = -constants.errno[code];
  const shownPath = path?.toString();
  const object = shownPath === undefined ? "" : ` '${shownPath}'`;
  const error: NodeJS.ErrnoException = new Error(
    `${code}: ${getSystemErrorMessage(errno)}, ${syscall}${object}`,
  );
  return Object.assign(error, { code, errno, syscall }, shownPath === undefined ? {} : { path: shownPath });
}
