import type { Command } from "./commands.ts";

/** A command as people read it in logs and errors; arguments with unusual characters are quoted for a shell. Standard input is not shown. */
export function formatCommand(command: Pick<Command, "program" | "args" | "chroot">): string {
  const words = [command.program, ...command.args].map(quoteWord).join(" ");
  return command.chroot === undefined ? words : `${words} (chroot=${command.chroot})`;
}

function quoteWord(word: string): string {
  return /^[\w@%+=:,./-]+$/.test(word) ? word : `'${word.replaceAll("'", `'\\''`)}'`;
}
