import { Outcome, type Status } from "../../rpc/generated/installer.js";
import type { CommandContext } from "../command.ts";
import { exitCodeOfKind } from "../exit-code.ts";
import type { WatchFlags } from "../flags/remote-flags.ts";
import { inputTerminal, outputTerminal } from "../remote/local-terminal.ts";
import { openMachine } from "../remote/open-machine.ts";
import { openScreen } from "../remote/screen.ts";
import { formatAlerts, formatHeadline } from "../remote/status-text.ts";
import { type WatchLiveOptions, watchLive } from "../remote/watch-live.ts";
import { watchPlain } from "../remote/watch-plain.ts";
import { writeOutput } from "../write-output.ts";

/** Terminals that cannot move the cursor. */
const PLAIN_TERMINALS: ReadonlySet<string | undefined> = new Set([undefined, "", "dumb"]);

/** Watches an installation until it is over. */
export async function run(
  context: CommandContext,
  [host = ""]: readonly string[],
  { certDirectory, follow, plain }: WatchFlags,
): Promise<number> {
  const { stdin, stdout } = context;
  const target = await openMachine(context, { host, certDirectory, limitMs: Number.POSITIVE_INFINITY });
  const terminal = outputTerminal(stdout);
  if (plain || terminal === undefined || PLAIN_TERMINALS.has(process.env["TERM"]))
    return exitCodeOf(await watchPlain({ ...target, stdout, follow }));
  const hasColours = process.env["NO_COLOR"] === undefined;
  const input = inputTerminal(stdin);
  const screen = openScreen({ stdout, terminal, hasColours });
  const status = await watchOnScreen({ ...target, stdin, input, screen, follow });
  if (status === undefined) return 0;
  await writeOutput(stdout, renderSummary(status, target.machine.address));
  return exitCodeOf(status.outcome);
}

/** Gives the terminal back, whatever happens. */
async function watchOnScreen(options: WatchLiveOptions): Promise<Status | undefined> {
  using _screen = options.screen;
  return await watchLive(options);
}

/** What stays on the terminal. */
function renderSummary(status: Status, address: string): string {
  const lines = [formatHeadline(status, address, status.at), ...formatAlerts(status, status.at)];
  return lines.map(({ text }) => `${text}\n`).join("");
}

function exitCodeOf(outcome: Outcome): number {
  return outcome === Outcome.OUTCOME_FAILED ? exitCodeOfKind("target") : 0;
}
