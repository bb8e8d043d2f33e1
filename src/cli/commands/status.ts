import { millisecondsOf } from "../../core/duration.ts";
import { Outcome } from "../../rpc/generated/installer.js";
import type { CommandContext } from "../command.ts";
import { exitCodeOfKind } from "../exit-code.ts";
import type { StatusFlags } from "../flags/remote-flags.ts";
import { converse } from "../remote/converse.ts";
import { openMachine } from "../remote/open-machine.ts";
import { renderStatus } from "../remote/render-status.ts";
import { renderStatusJson } from "../remote/status-json.ts";
import { writeOutput } from "../write-output.ts";

/** Prints the state of a machine now. */
export async function run(
  context: CommandContext,
  [host = ""]: readonly string[],
  { certDirectory, json, wait }: StatusFlags,
): Promise<number> {
  const target = await openMachine(context, { host, certDirectory, limitMs: millisecondsOf(wait) });
  const status = await converse(async (client) => client.getStatus(context.signal), target);
  const text = json ? renderStatusJson(status) : renderStatus(status, target.machine.address);
  await writeOutput(context.stdout, text);
  return status.outcome === Outcome.OUTCOME_FAILED ? exitCodeOfKind("target") : 0;
}
