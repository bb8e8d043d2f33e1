import { InstallerError } from "../core/errors.ts";
import type { StepContext } from "../engine/step.ts";
import type { Command, CommandResult } from "../system/commands.ts";

/** A program of the operator's that takes the place of a part of the installation (spec/configuration.md section 10). */
export interface PlugIn {
  /** What it is, for messages: `configuration loader`. */
  readonly role: string;
  readonly program: string;
  readonly args: readonly string[];
  /** Default: an empty one. */
  readonly environment?: Command["environment"];
  /** It only looks: a dry run runs it as well. */
  readonly changesNothing?: boolean;
}

/** The original waits for ever; nothing that a plug-in is for takes longer than this. */
const TIME_LIMIT_MS = 10 * 60_000;

/**
 * Runs a plug-in; what it says on either output stands in the log at once. Rejects with E_PLUG_IN, whose cause has exit
 * code and last words, also when it takes more than ten minutes; or with E_CANCELLED.
 */
export async function runPlugIn(
  { role, program, args, environment = {}, changesNothing = false }: PlugIn,
  { host, log, signal }: Pick<StepContext, "host" | "log" | "signal">,
): Promise<CommandResult> {
  const onOutputLine = (line: string): void => log.info(`${program}: ${line}`);
  const command = { program, args, environment, changesNothing, onOutputLine, timeoutMs: TIME_LIMIT_MS };
  try {
    return await host.commands.run(command, signal);
  } catch (cause) {
    signal.throwIfAborted();
    throw new InstallerError("E_PLUG_IN", `running the ${role} ${program}`, { cause });
  }
}
