import { InstallerError } from "../core/errors.ts";
import { formatQuoted } from "../core/quote.ts";
import type { Command } from "./command.ts";

export interface FoundCommand {
  readonly command: Command;
  /** The words after its name. */
  readonly argv: readonly string[];
}

/** The command that `words` start with. Throws E_USAGE when there is none. */
export function findCommand(commands: readonly Command[], words: readonly string[]): FoundCommand {
  for (const command of commands) {
    const isNamed = command.words.every((word, index) => word === words[index]);
    if (isNamed) return { command, argv: words.slice(command.words.length) };
  }
  const [group = "", member] = words;
  const members = commands.filter((command) => command.words[0] === group);
  if (members.length === 0) throw new InstallerError("E_USAGE", `unknown command: ${formatQuoted(group)}`);
  const expected = members.map((command) => command.name).join(", ");
  const found = formatQuoted(member === undefined ? group : `${group} ${member}`);
  throw new InstallerError("E_USAGE", `unknown command: ${found}, expected one of: ${expected}`);
}
