import { InstallerError } from "../core/errors.ts";
import type { CheckedFile } from "./check-file.ts";
import { formatWithoutSeverity } from "./diagnostic.ts";

/** A checked value and what was odd about its source. */
export interface Decoded<Value> {
  readonly value: Value;
  readonly warnings: readonly string[];
}

/** Problems beyond this number are not listed: the first ones explain them. */
const MAXIMUM_LISTED = 10;

/** The value of a file without errors. Throws E_CONFIG_SYNTAX or E_CONFIG_VALUE with file, line, column and key. */
export function requireValue<Value>(checked: CheckedFile<Value>): Decoded<Value> {
  const { value, diagnostics } = checked;
  const [first, ...others] = diagnostics.filter(({ severity }) => severity === "error");
  if (first === undefined && value !== undefined) {
    return { value, warnings: diagnostics.map(formatWithoutSeverity) };
  }
  const code = checked.isJson ? "E_CONFIG_VALUE" : "E_CONFIG_SYNTAX";
  const message = first === undefined ? `${checked.file}: no value` : formatWithoutSeverity(first);
  const more = others.slice(0, MAXIMUM_LISTED).map(formatWithoutSeverity).join("; ");
  throw new InstallerError(code, message, more === "" ? {} : { hint: `also wrong: ${more}` });
}
