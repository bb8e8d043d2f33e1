import type { Readable, Writable } from "node:stream";

import { buildInformation } from "../core/build-information.ts";
import { errnoOf, hasCode, InstallerError, messageChain } from "../core/errors.ts";
import type { Logger } from "../core/logger.ts";
import type { FileSystem } from "../system/files.ts";
import type { Host } from "../system/host.ts";
import type { Command, CommandRun } from "./command.ts";
import { EXIT_SIGPIPE, exitCodeOf, kindOf } from "./exit-code.ts";
import { findCommand } from "./find-command.ts";
import { createFlagCommand, type FlagCommand, flagValuesOf } from "./flags/flag-command.ts";
import { applyFlagFiles } from "./flags/flag-files.ts";
import { applyGoArguments, type GoArguments } from "./flags/go-arguments.ts";
import { type Flags, installerFlags, type ProcessIdentity } from "./flags/installer-flags.ts";
import { createLineLogger } from "./line-logger.ts";
import { renderError } from "./report-error.ts";
import { renderUsage } from "./usage.ts";
import { renderVersion } from "./version.ts";

/** The process around the program; the real one is in start-process.ts. */
export interface ProgramEnvironment {
  /** The words after the program's name. */
  readonly argv: readonly string[];
  readonly identity: ProcessIdentity;
  readonly nodeVersion: string;
  readonly stdin: Readable;
  readonly stdout: Writable;
  readonly stderr: Writable;
  readonly signal: AbortSignal;
  /** For the flag files, which are read before anything else is set up, and for CPU profiles. */
  readonly files: Pick<FileSystem, "readText" | "writeFile">;
  /** The real machine, or one that changes nothing. */
  readonly openHost: (isDryRun: boolean, log: Logger) => Promise<Host & AsyncDisposable>;
}

/** The commands that a program consists of. */
export interface ProgramCommands {
  /** What runs without a command. */
  readonly daemon: Command;
  readonly commands: readonly Command[];
}

/** Runs one invocation and resolves with the exit code; a failure has then been reported on `stderr`. */
export async function runProgram(environment: ProgramEnvironment, table: ProgramCommands): Promise<number> {
  const { stderr } = environment;
  const flagTable = installerFlags(environment.identity);
  let help = renderUsage(flagTable, table.commands);
  try {
    const flagCommand = createFlagCommand(flagTable);
    const { operands, stop } = await readArguments(flagCommand, environment);
    if (stop === "help") return answer(help, stderr);
    if (stop === "version") return answer(renderVersion(buildInformation(), environment.nodeVersion), stderr);
    const { command, argv } =
      operands.length === 0 ? { command: table.daemon, argv: [] } : findCommand(table.commands, operands);
    help = command.help ?? help;
    const run = command.parse(argv);
    if (run === "help") return answer(help, stderr);
    return await runCommand({ command, run, flags: flagValuesOf(flagCommand, flagTable) }, environment);
  } catch (error) {
    const isUsage = kindOf(error) === "usage";
    stderr.write(isUsage ? `${messageChain(error)}\n${help}` : renderError(error));
    return exitCodeOf(error, "original");
  }
}

async function readArguments(
  flagCommand: FlagCommand,
  environment: ProgramEnvironment,
): Promise<GoArguments> {
  const stop = await applyFlagFiles(flagCommand, environment.files);
  return stop === undefined ? applyGoArguments(flagCommand, environment.argv) : { operands: [], stop };
}

function answer(text: string, stderr: Writable): number {
  stderr.write(text);
  return 0;
}

interface Invocation {
  readonly command: Command;
  readonly run: CommandRun;
  readonly flags: Flags;
}

/** Rejects only for what is wrong before the command starts. */
async function runCommand(invocation: Invocation, environment: ProgramEnvironment): Promise<number> {
  const { command, flags, run } = invocation;
  const { signal, stdin, stdout, stderr } = environment;
  await using resources = new AsyncDisposableStack();
  if (command.name !== "" && flags.cpuProfileFilename !== "") {
    resources.use(await startProfile(flags.cpuProfileFilename, environment));
  }
  const log = createLineLogger((line) => stderr.write(line), flags.logDebugLevel);
  const isDryRun = command.readsOnly || (flags.dryRun && command.obeysDryRun);
  let host: Promise<Host> | undefined;
  const openHost = async () => resources.use(await environment.openHost(isDryRun, log));
  try {
    return await run({ flags, log, signal, stdin, stdout, stderr, openHost: () => (host ??= openHost()) });
  } catch (thrown) {
    const error: unknown = signal.aborted ? signal.reason : thrown;
    // The reader of our output has what it wanted (`generate-random | head`): no failure worth a word.
    if (hasCode(error, "E_OUTPUT") && errnoOf(error) === "EPIPE") return EXIT_SIGPIPE;
    stderr.write(renderError(error, command.doing));
    return exitCodeOf(error, command.exitCodes);
  }
}

async function startProfile(path: string, { files }: ProgramEnvironment): Promise<AsyncDisposable> {
  const { startCpuProfile } = await import("./cpu-profile.ts");
  try {
    return await startCpuProfile(path, files);
  } catch (cause) {
    throw new InstallerError("E_USAGE", `creating the CPU profile ${path}`, { cause });
  }
}
