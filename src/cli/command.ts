import type { Readable, Writable } from "node:stream";

import { InstallerError } from "../core/errors.ts";
import type { Logger } from "../core/logger.ts";
import type { Host } from "../system/host.ts";
import type { ExitCodeConvention } from "./exit-code.ts";
import { createFlagCommand, flagValuesOf } from "./flags/flag-command.ts";
import type { FlagTable, FlagValues } from "./flags/flag-table.ts";
import { applyGoArguments } from "./flags/go-arguments.ts";
import type { Flags } from "./flags/installer-flags.ts";
import { renderFlags } from "./flags/render-flags.ts";

/** What the body of a command works with. */
export interface CommandContext {
  /** The flags before the command. */
  readonly flags: Flags;
  readonly log: Logger;
  /** Aborts when the operator interrupts. */
  readonly signal: AbortSignal;
  readonly stdin: Readable;
  readonly stdout: Writable;
  readonly stderr: Writable;
  /** The machine (or, with -dryRun, its stand-in), made at the first call and released when the command ends. */
  readonly openHost: () => Promise<Host>;
}

/** Does the work; resolves with the exit code. `own` holds the flags after the command's name. */
export type CommandBody<Own extends FlagTable> = (
  context: CommandContext,
  args: readonly string[],
  own: FlagValues<Own>,
) => Promise<number>;

interface CommandDefinition<Own extends FlagTable> {
  /** As typed; two words for a group such as `image add`. Empty: what runs without a command. */
  readonly name: string;
  /** Names of the positional arguments; optional ones in brackets, at the end. */
  readonly args: readonly string[];
  /** For the error line `error DOING: REASON`; without it the line is the bare reason. */
  readonly doing?: string;
  readonly exitCodes: ExitCodeConvention;
  /** Whether -dryRun keeps it from changing the machine; of the original's commands only some do. */
  readonly obeysDryRun?: boolean;
  /** Whether it only looks: it always runs on the stand-in that cannot change the machine. */
  readonly readsOnly?: boolean;
  /** What the command is for and how it is used, for its own `-h`; ends with a newline. Only commands with flags have one. */
  readonly help?: string;
  /** Flags after the name. A command without takes every word after its name as an argument, as the original does. */
  readonly flags?: Own;
  /** The module with the body, imported only when the command runs, so that the others start quickly. */
  readonly load?: () => Promise<{ readonly run: CommandBody<Own> }>;
}

/** A command whose arguments have been checked; resolves with the exit code. */
export type CommandRun = (context: CommandContext) => Promise<number>;

/** A command of the command table. */
export interface Command {
  readonly name: string;
  /** The name, word by word. */
  readonly words: readonly string[];
  readonly doing: string | undefined;
  readonly exitCodes: ExitCodeConvention;
  readonly obeysDryRun: boolean;
  readonly readsOnly: boolean;
  /** Its line in the list of commands. */
  readonly synopsis: string;
  /** Its own help text; undefined when the usage text of the program says all there is. */
  readonly help: string | undefined;
  /** Checks the words after the name, without doing anything yet. Throws E_USAGE. */
  parse(argv: readonly string[]): "help" | CommandRun;
}

/** Makes a command from its description; the types of its flags reach its body. */
export function defineCommand<const Own extends FlagTable>(definition: CommandDefinition<Own>): Command {
  const { name, args, doing, exitCodes, flags, load } = definition;
  const synopsis = [name, ...(flags === undefined ? [] : ["[flags...]"]), ...args].join(" ");
  return {
    name,
    words: name.split(" "),
    doing,
    exitCodes,
    obeysDryRun: definition.obeysDryRun ?? false,
    readsOnly: definition.readsOnly ?? false,
    synopsis,
    help: flags === undefined ? undefined : renderHelp(synopsis, definition.help ?? "", flags),
    parse: (argv) => {
      const ownFlags = flags ?? ({} as Own);
      const parsed = parseOwnFlags(ownFlags, argv, flags !== undefined);
      if (parsed === "help") return "help";
      checkArgumentCount(args, parsed.operands);
      return async (context) => {
        if (load === undefined) {
          throw new InstallerError("E_COMMAND_NOT_BUILT_IN", `${name} is not part of this build`);
        }
        const body = await load();
        return body.run(context, parsed.operands, parsed.values);
      };
    },
  };
}

interface OwnArguments<Own extends FlagTable> {
  readonly values: FlagValues<Own>;
  readonly operands: readonly string[];
}

function parseOwnFlags<Own extends FlagTable>(
  table: Own,
  argv: readonly string[],
  takesFlags: boolean,
): OwnArguments<Own> | "help" {
  const command = createFlagCommand(table);
  if (!takesFlags) return { values: flagValuesOf(command, table), operands: argv };
  const { operands, stop } = applyGoArguments(command, argv, { flagsAnywhere: true });
  return stop === undefined ? { values: flagValuesOf(command, table), operands } : "help";
}

function checkArgumentCount(names: readonly string[], found: readonly string[]): void {
  const required = names.filter((name) => !name.startsWith("["));
  const missing = required[found.length];
  if (missing !== undefined) throw new InstallerError("E_USAGE", `missing argument: ${missing}`);
  if (found.length > names.length) {
    throw new InstallerError("E_USAGE", `too many arguments: expected ${names.length}, got ${found.length}`);
  }
}

function renderHelp(synopsis: string, help: string, flags: FlagTable): string {
  return `Usage: installer [flags...] ${synopsis}\n\n${help}\nFlags:\n${renderFlags(flags)}`;
}
