import { formatQuoted } from "../../core/quote.ts";
import type { FlagSpec, FlagTable } from "./flag-table.ts";
import { FLAG_TYPES, type FlagTypeName, type FlagTypeValues, formatFlagValue } from "./flag-types.ts";

/** The entries of all flags, sorted by byte order of the name, as Go's flag package prints them (spec/cli.md section 3). */
export function renderFlags(table: FlagTable): string {
  return Object.entries(table)
    .toSorted(([left], [right]) => (left < right ? -1 : 1))
    .map(([name, spec]) => renderFlag(name, spec))
    .join("");
}

function renderFlag(name: string, spec: FlagSpec): string {
  const word = FLAG_TYPES[spec.type].word;
  const heading = word === "" ? `  -${name}` : `  -${name} ${word}`;
  return `${heading}\n    \t${spec.description}${renderDefault(spec.type, spec.default)}\n`;
}

function renderDefault<Name extends FlagTypeName>(type: Name, value: FlagTypeValues[Name]): string {
  const text = formatFlagValue(type, value);
  if (text === FLAG_TYPES[type].zero) return "";
  return ` (default ${type === "string" ? formatQuoted(text) : text})`;
}
