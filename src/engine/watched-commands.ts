import { formatCommand } from "../system/command-line.ts";
import type { CommandRunner } from "../system/commands.ts";
import type { ProgressReporter } from "./progress.ts";

const LONGEST_TEXT = 100;

/** A runner that says, while a program runs, that this is what the step waits for. */
export function watchCommands(
  commands: CommandRunner,
  progress: Pick<ProgressReporter, "waitFor">,
): CommandRunner {
  return {
    run: async (command, signal) => {
      using _wait = progress.waitFor(shorten(formatCommand(command)));
      return await commands.run(command, signal);
    },
    // Whoever sits at the terminal knows what runs there.
    runInteractive: async (command, signal) => commands.runInteractive(command, signal),
  };
}

function shorten(text: string): string {
  return text.length <= LONGEST_TEXT ? text : `${text.slice(0, LONGEST_TEXT)}…`;
}
