import { InstallerError } from "../core/errors.ts";
import { formatCommand } from "./command-line.ts";
import type { Command, CommandResult } from "./commands.ts";

const QUOTED_OUTPUT_LINES = 10;

/** How a process ended: by an exit code, by a signal, or (neither) not even started, for `cause`. */
export interface CommandEnding {
  readonly exitCode?: number | undefined;
  readonly signal?: string | undefined;
  readonly cause?: unknown;
}

type CommandOutput = Omit<CommandResult, "exitCode">;
type CommandName = Pick<Command, "program" | "args" | "chroot">;

/** The result when the exit code is one of those that the command expects; throws E_COMMAND_FAILED otherwise. */
export function acceptEnding(command: Command, ending: CommandEnding, output: CommandOutput): CommandResult {
  const { exitCode, signal, cause } = ending;
  if (exitCode !== undefined && (command.okExitCodes ?? [0]).includes(exitCode))
    return { exitCode, ...output };
  const words = lastWords(output);
  if (exitCode !== undefined) throw failure(command, `exit code ${exitCode}${words}`);
  if (signal !== undefined) throw failure(command, `killed by ${signal}${words}`);
  throw new InstallerError("E_COMMAND_FAILED", `starting ${formatCommand(command)}`, { cause });
}

/** E_COMMAND_TIMEOUT, with what the program said last. */
export function commandTimedOut(command: Command, timeoutMs: number, output: CommandOutput): InstallerError {
  const message = `running ${formatCommand(command)}: no end after ${timeoutMs / 1000} s${lastWords(output)}`;
  return new InstallerError("E_COMMAND_TIMEOUT", message);
}

/** E_CANCELLED; `reason` is the abort signal's. */
export function commandCancelled(command: CommandName, reason: unknown): InstallerError {
  return new InstallerError("E_CANCELLED", `running ${formatCommand(command)}`, { cause: reason });
}

/** E_COMMAND_NOT_FOUND for a name that is nowhere in PATH, or a path that is no executable file. */
export function commandNotFound(program: string, root: string | undefined): InstallerError {
  const place = program.includes("/") ? "no such executable" : "not found in PATH";
  const chroot = root === undefined ? "" : ` (chroot=${root})`;
  return new InstallerError("E_COMMAND_NOT_FOUND", `looking for ${program}: ${place}${chroot}`);
}

function failure(command: Command, what: string): InstallerError {
  return new InstallerError("E_COMMAND_FAILED", `running ${formatCommand(command)}: ${what}`);
}

/** The last lines of standard error, or of standard output when there are none. */
function lastWords({ stdout, stderr }: CommandOutput): string {
  const words = (stderr.trim() === "" ? stdout : stderr).trim();
  return words === "" ? "" : `: ${words.split("\n").slice(-QUOTED_OUTPUT_LINES).join("\n")}`;
}
