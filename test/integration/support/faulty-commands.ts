import { InstallerError } from "../../../src/core/errors.ts";
import { formatCommand } from "../../../src/system/command-line.ts";
import type { Command, CommandResult, CommandRunner } from "../../../src/system/commands.ts";

/** When the chosen command fails: without having done anything, or with everything done. */
export type FaultMoment = "before" | "after";

export interface Fault {
  /** As `describe` has it. */
  readonly command: string;
  readonly moment: FaultMoment;
}

/** Runs commands for real and notes them; the one that `fault` names ends with exit code 1 each time. */
export class FaultyCommands implements Pick<CommandRunner, "run"> {
  readonly ran: string[] = [];
  readonly #real: CommandRunner;
  readonly #describe: (command: Command) => string;
  readonly #fault: Fault | undefined;

  constructor(real: CommandRunner, describe: (command: Command) => string, fault?: Fault) {
    this.#real = real;
    this.#describe = describe;
    this.#fault = fault;
  }

  async run(command: Command, signal: AbortSignal): Promise<CommandResult> {
    const name = this.#describe(command);
    this.ran.push(name);
    const isFaulty = name === this.#fault?.command;
    if (isFaulty && this.#fault?.moment === "before") throw failure(command);
    const result = await this.#real.run(command, signal);
    if (isFaulty) throw failure(command);
    return result;
  }

  runInteractive(): Promise<number> {
    return Promise.reject(new Error("nobody sits at the terminal"));
  }
}

/** As the real runner words it. */
function failure(command: Command): InstallerError {
  return new InstallerError("E_COMMAND_FAILED", `running ${formatCommand(command)}: exit code 1: injected`);
}
