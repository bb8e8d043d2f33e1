import type { ChildProcess } from "node:child_process";
import { constants } from "node:os";
import type { Readable } from "node:stream";
import { setTimeout as sleep } from "node:timers/promises";
import { InstallerError } from "../../core/errors.ts";
import { Secret } from "../../core/secret.ts";
import {
  acceptEnding,
  type CommandEnding,
  commandCancelled,
  commandNotFound,
  commandTimedOut,
} from "../command-endings.ts";
import { formatCommand } from "../command-line.ts";
import type { Command, CommandResult, CommandRunner, InteractiveCommand } from "../commands.ts";
import { PROGRAM_PATH } from "../program-path.ts";
import { findProgram } from "./find-program.ts";
import { OutputTail } from "./output-tail.ts";

const DEFAULT_TIMEOUT_MS = 10 * 60_000;
/** From SIGTERM to SIGKILL. */
const KILL_DELAY_MS = 5_000;
/** How long descendants may keep the output open after the program itself has ended (spec/configuration.md section 10). */
const DESCENDANTS_GRACE_MS = 1_000;
const GROUP_END_ATTEMPTS = 100;
const MINIMAL_ENVIRONMENT = { PATH: PROGRAM_PATH, LC_ALL: "C" };
const OUTPUT_LIMIT_BYTES = 1024 * 1024;

/** How a process ended, in execa's words. */
interface Ending extends CommandEnding {
  readonly timedOut: boolean;
  readonly isCanceled: boolean;
}

/** The part of execa's subprocess that is used here. */
interface Subprocess extends PromiseLike<Ending> {
  readonly stdout: Readable;
  readonly stderr: Readable;
  readonly nodeChildProcess: ChildProcess;
  /** To the whole process group; does nothing when it is gone. */
  kill(signal: NodeJS.Signals): boolean;
}

/**
 * Runs programs by way of execa, each in its own process group. Execa is loaded when the first program is run: it would
 * double the time that `--help` takes.
 */
export class ExecaCommandRunner implements CommandRunner {
  async run(command: Command, signal: AbortSignal): Promise<CommandResult> {
    if (signal.aborted) throw commandCancelled(command, signal.reason);
    const [file, ...args] = resolveCommand(command);
    const { execa } = await import("execa");
    const stdout = new OutputTail(OUTPUT_LIMIT_BYTES, lineListener(command, "stdout"));
    const stderr = new OutputTail(OUTPUT_LIMIT_BYTES, lineListener(command, "stderr"));
    const timeoutMs = command.timeoutMs ?? DEFAULT_TIMEOUT_MS;
    const startedMs = performance.now();
    const subprocess: Subprocess = execa(file, args, {
      ...inputOf(command.stdin),
      env: environmentOf(command),
      extendEnv: false,
      cwd: command.chroot === undefined ? process.cwd() : "/",
      buffer: false,
      reject: false,
      killDescendants: true,
      cancelSignal: signal,
      timeout: timeoutMs,
      forceKillAfterDelay: KILL_DELAY_MS,
    });
    subprocess.stdout.on("data", (piece: Buffer) => stdout.push(piece));
    subprocess.stderr.on("data", (piece: Buffer) => stderr.push(piece));
    const ending = await waitForEnd(subprocess);
    stdout.end();
    stderr.end();
    const result = {
      stdout: stdout.text(),
      stderr: stderr.text(),
      durationMs: performance.now() - startedMs,
    };
    if (ending.timedOut) throw commandTimedOut(command, timeoutMs, result);
    if (ending.isCanceled) throw commandCancelled(command, signal.reason);
    return acceptEnding(command, ending, result);
  }

  async runInteractive(command: InteractiveCommand, signal: AbortSignal): Promise<number> {
    if (signal.aborted) throw commandCancelled(command, signal.reason);
    const [file, ...args] = resolveCommand(command);
    const { execa } = await import("execa");
    // Not in a group of its own: it must be able to read from our terminal.
    const options = {
      stdio: "inherit",
      reject: false,
      cancelSignal: signal,
      forceKillAfterDelay: KILL_DELAY_MS,
    } as const;
    const ending = await execa(file, args, options);
    if (ending.isCanceled) throw commandCancelled(command, signal.reason);
    if (ending.exitCode !== undefined) return ending.exitCode;
    if (ending.signal !== undefined) return 128 + constants.signals[ending.signal as NodeJS.Signals];
    throw new InstallerError("E_COMMAND_FAILED", `running ${formatCommand(command)}`, {
      cause: ending.cause,
    });
  }
}

/** What to execute: absolute path and arguments, by way of chroot(8) when a root is given. */
function resolveCommand(
  command: Pick<Command, "program" | "args" | "chroot">,
): readonly [string, ...string[]] {
  const program = requireProgram(command.program, command.chroot);
  if (command.chroot === undefined) return [program, ...command.args];
  return [requireProgram("chroot"), command.chroot, program, ...command.args];
}

function requireProgram(program: string, root?: string): string {
  const found = findProgram(program, root);
  if (found !== undefined) return found;
  throw commandNotFound(program, root);
}

function environmentOf({ environment }: Pick<Command, "environment">): NodeJS.ProcessEnv {
  return environment === "inherited" ? process.env : { ...(environment ?? MINIMAL_ENVIRONMENT) };
}

function inputOf(stdin: Command["stdin"]) {
  if (stdin === undefined) return { stdin: "ignore" } as const;
  return { input: stdin instanceof Secret ? stdin.expose() : stdin } as const;
}

function lineListener(command: Command, stream: "stdout" | "stderr"): ((line: string) => void) | undefined {
  const { onOutputLine } = command;
  return onOutputLine && ((line) => onOutputLine(line, stream));
}

async function waitForEnd(subprocess: Subprocess): Promise<Ending> {
  let grace: NodeJS.Timeout | undefined;
  subprocess.nodeChildProcess.once("exit", () => {
    grace = setTimeout(() => {
      subprocess.kill("SIGKILL");
      // A descendant that left the group still holds the pipes; nobody will wait for it.
      subprocess.stdout.destroy();
      subprocess.stderr.destroy();
    }, DESCENDANTS_GRACE_MS);
  });
  try {
    return await subprocess;
  } finally {
    clearTimeout(grace);
    await endGroup(subprocess.nodeChildProcess.pid);
  }
}

/** Kills what is left of a process group whose leader has ended, and waits until it is gone. */
async function endGroup(leader: number | undefined): Promise<void> {
  // Not for ever: a process inside a device that does not answer cannot be killed.
  for (let attempt = 0; attempt < GROUP_END_ATTEMPTS && killGroup(leader); attempt++) await sleep(5);
}

/** False when there is no such group (any more). Its number stays taken for as long as it has a member. */
function killGroup(leader: number | undefined): boolean {
  if (leader === undefined) return false;
  try {
    return process.kill(-leader, "SIGKILL");
  } catch {
    return false;
  }
}
