import type { Command } from "./command.ts";
import type { FlagTable } from "./flags/flag-table.ts";
import { renderFlags } from "./flags/render-flags.ts";

/** The usage text of the program (spec/cli.md section 3). */
export function renderUsage(table: FlagTable, commands: readonly Command[]): string {
  const lines = commands.map((command) => `  ${command.synopsis}\n`).join("");
  return `Usage: installer [flags...] [command [args...]]\nCommon flags:\n${renderFlags(table)}Commands:\n${lines}`;
}
