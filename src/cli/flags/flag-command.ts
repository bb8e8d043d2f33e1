import { Command, Option } from "commander";

import { InstallerError } from "../../core/errors.ts";
import { formatQuoted } from "../../core/quote.ts";
import type { FlagSpec, FlagTable, FlagValues } from "./flag-table.ts";
import { FLAG_TYPES } from "./flag-types.ts";

/** Flags being set; made by createFlagCommand. */
export type FlagCommand = Command;

/**
 * A commander command that holds the flags of `table`. Its words are written `--name=value`; `--name` alone stands for
 * true. A value that does not fit makes parsing throw E_USAGE in the words of Go's flag package.
 */
export function createFlagCommand(table: FlagTable): FlagCommand {
  const command = new Command();
  for (const [name, spec] of Object.entries(table)) command.addOption(createOption(name, spec));
  return command;
}

/** The values after parsing. `table` has to be the one that the command was made from. */
export function flagValuesOf<Table extends FlagTable>(
  command: FlagCommand,
  _table: Table,
): FlagValues<Table> {
  return command.opts<FlagValues<Table>>();
}

/** How a flag is written among the words of commander. */
export function formatFlagWord(name: string, text: string): string {
  return `--${name}=${text}`;
}

/** The declared flag called `name`; in commander's terms one with an optional value is boolean. */
export function findFlag(command: FlagCommand, name: string): { readonly isBoolean: boolean } | undefined {
  const option = command.options.find((candidate) => candidate.name() === name);
  return option === undefined ? undefined : { isBoolean: option.optional };
}

function createOption(name: string, spec: FlagSpec): Option {
  const isBoolean = spec.type === "bool";
  return new Option(isBoolean ? `--${name} [value]` : `--${name} <value>`, spec.description)
    .default(spec.default)
    .argParser((text) => {
      try {
        return FLAG_TYPES[spec.type].parse(text);
      } catch (cause) {
        const found = formatQuoted(text);
        const message = isBoolean
          ? `invalid boolean value ${found} for -${name}`
          : `invalid value ${found} for flag -${name}`;
        throw new InstallerError("E_USAGE", message, { cause });
      }
    });
}
