import { InstallerError } from "../../core/errors.ts";

/** A message that is not the one expected, or too large; `found` says what was met, and never quotes much of it. */
export function badMessage(found: string): InstallerError {
  return new InstallerError("E_JSON_MESSAGE", `decoding JSON: ${found}`);
}

/** A value of ours without a JSON form. */
export function unfit(found: string): InstallerError {
  return new InstallerError("E_JSON_MESSAGE", `encoding JSON: ${found}`);
}
