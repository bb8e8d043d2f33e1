import { millisecondsOf } from "../../core/duration.ts";
import { InstallerError } from "../../core/errors.ts";
import { findNearestWord } from "../../core/nearest-word.ts";
import { formatQuoted } from "../../core/quote.ts";
import type { ControlMethod } from "../../rpc/grpc/methods.ts";
import type { CommandContext } from "../command.ts";
import type { ControlFlags } from "../flags/remote-flags.ts";
import { converseOnce } from "../remote/converse.ts";
import { openMachine } from "../remote/open-machine.ts";
import { printable } from "../remote/printable.ts";
import { writeOutput } from "../write-output.ts";

const METHODS: ReadonlyMap<string, ControlMethod> = new Map<string, ControlMethod>([
  ["hold", "HoldReboot"],
  ["release", "ReleaseReboot"],
  ["reboot", "RebootNow"],
  ["rerun", "Rerun"],
  ["cancel", "Cancel"],
]);

/** Steers an installation. */
export async function run(
  context: CommandContext,
  [host = "", action = ""]: readonly string[],
  { certDirectory, insecure, wait }: ControlFlags,
): Promise<number> {
  const method = METHODS.get(action);
  if (method === undefined) throw unknownAction(action);
  const target = await openMachine(context, {
    host,
    certDirectory,
    limitMs: millisecondsOf(wait),
    ...(insecure ? {} : { grant: `Installer.${method}` }),
  });
  const done = await converseOnce(async (client) => client.control(method, context.signal), target);
  await writeOutput(context.stdout, `${printable(done)}\n`);
  return 0;
}

function unknownAction(action: string): InstallerError {
  const names = [...METHODS.keys()];
  const nearest = findNearestWord(action, names);
  const hint = nearest === undefined ? {} : { hint: `did you mean ${nearest}?` };
  return new InstallerError(
    "E_USAGE",
    `unknown action ${formatQuoted(action)}: it is one of ${names.join(", ")}`,
    hint,
  );
}
