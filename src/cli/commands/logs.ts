import { millisecondsOf } from "../../core/duration.ts";
import { InstallerError } from "../../core/errors.ts";
import { formatQuoted } from "../../core/quote.ts";
import type { CommandContext } from "../command.ts";
import type { LogsFlags } from "../flags/remote-flags.ts";
import { logLevelOf } from "../remote/events.ts";
import { followLogs, printLogs } from "../remote/follow-logs.ts";
import { openMachine } from "../remote/open-machine.ts";

/** Prints the log of an installation. */
export async function run(
  context: CommandContext,
  [host = ""]: readonly string[],
  { certDirectory, f: isFollowing, last, level, wait }: LogsFlags,
): Promise<number> {
  const minimumLevel = logLevelOf(level);
  if (minimumLevel === undefined)
    throw new InstallerError("E_USAGE", `-level is error, warn, info or debug, not ${formatQuoted(level)}`);
  const limitMs = isFollowing ? Number.POSITIVE_INFINITY : millisecondsOf(wait);
  const target = await openMachine(context, { host, certDirectory, limitMs });
  const options = { ...target, stdout: context.stdout, minimumLevel, last };
  if (isFollowing) await followLogs(options);
  await printLogs(options);
  return 0;
}
