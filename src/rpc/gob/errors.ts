import { InstallerError } from "../../core/errors.ts";

/** Malformed bytes: `found` says what was met. */
export function corrupt(found: string): InstallerError {
  return new InstallerError("E_GOB_CORRUPT", `decoding gob: ${found}`);
}

/** Well-formed, but not what the receiver's schema allows. */
export function wrongType(found: string): InstallerError {
  return new InstallerError("E_GOB_TYPE", `decoding gob: ${found}`);
}

export function overLimit(found: string): InstallerError {
  return new InstallerError("E_GOB_LIMIT", `decoding gob: ${found}`);
}
