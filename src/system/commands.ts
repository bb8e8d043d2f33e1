import type { Secret } from "../core/secret.ts";

/** One run of an external program. There is never a shell in between. */
export interface Command {
  /** A name to look up in the fixed PATH (inside `chroot` when given), or an absolute path. */
  readonly program: string;
  /** A Secret does not fit here, on purpose. */
  readonly args: readonly string[];
  /** Run inside this root with working directory `/`. */
  readonly chroot?: string;
  readonly stdin?: string | Uint8Array | Secret;
  /** Default 10 minutes. */
  readonly timeoutMs?: number;
  /** Default `[0]`. */
  readonly okExitCodes?: readonly number[];
  /** Replaces the fixed minimal environment (PATH, LC_ALL=C); `inherited` is our own. */
  readonly environment?: Readonly<Record<string, string>> | "inherited";
  /** The program only looks (a drive selector, `blkid`): a dry run runs it as well. */
  readonly changesNothing?: boolean;
  /** Called with each complete line of standard output and standard error while the program runs. */
  readonly onOutputLine?: (line: string, stream: "stdout" | "stderr") => void;
}

export interface CommandResult {
  readonly exitCode: number;
  readonly stdout: string;
  readonly stderr: string;
  readonly durationMs: number;
}

/** A program that shares our terminal (the console shell). */
export interface InteractiveCommand {
  readonly program: string;
  readonly args: readonly string[];
  /** A person at the terminal decides what it does (a shell): a dry run runs it as well. */
  readonly changesNothing?: boolean;
}

export interface CommandRunner {
  /**
   * Runs to the end. Rejects with InstallerError E_COMMAND_FAILED (message with argv, exit code or signal and the
   * last lines of its output), E_COMMAND_NOT_FOUND, E_COMMAND_TIMEOUT or E_CANCELLED; the process group is gone when
   * the promise settles. Output kept in memory is limited to the last MiB of each stream.
   */
  run(command: Command, signal: AbortSignal): Promise<CommandResult>;
  /** Runs with our standard input, output, error and environment; resolves with the exit code (128+n for a signal). */
  runInteractive(command: InteractiveCommand, signal: AbortSignal): Promise<number>;
}
