import { acceptEnding, commandCancelled } from "../../src/system/command-endings.ts";
import { formatCommand } from "../../src/system/command-line.ts";
import type { Command, CommandResult, CommandRunner, InteractiveCommand } from "../../src/system/commands.ts";

/** What a scripted command answers; by default exit code 0 and no output. */
export interface FakeReply {
  readonly exitCode?: number;
  readonly stdout?: string;
  readonly stderr?: string;
  /** Thrown instead of an answer. */
  readonly error?: Error;
  /** Called before the answer, for what the program would do to the machine. */
  readonly effect?: (command: Command) => void | Promise<void>;
}

interface Expectation {
  readonly line: string;
  readonly reply: FakeReply;
}

/**
 * A CommandRunner that runs nothing: each command must have been scripted with `expect`, once for each time that it
 * runs. Order is free (drives are prepared side by side); assert on `lines` where it matters.
 */
export class FakeCommandRunner implements CommandRunner {
  /** What ran, as `formatCommand` writes it, in order. */
  readonly lines: string[] = [];
  /** What ran, whole, in order. */
  readonly commands: Command[] = [];
  readonly #expected: Expectation[] = [];

  /** Scripts one run. `command` is the line as `formatCommand` writes it, or its parts. */
  expect(command: string | Pick<Command, "program" | "args" | "chroot">, reply: FakeReply = {}): this {
    this.#expected.push({ line: typeof command === "string" ? command : formatCommand(command), reply });
    return this;
  }

  async run(command: Command, signal: AbortSignal): Promise<CommandResult> {
    if (signal.aborted) throw commandCancelled(command, signal.reason);
    const reply = this.#take(formatCommand(command));
    this.commands.push(command);
    await reply.effect?.(command);
    if (reply.error !== undefined) throw reply.error;
    const { exitCode = 0, stdout = "", stderr = "" } = reply;
    for (const line of linesOf(stdout)) command.onOutputLine?.(line, "stdout");
    for (const line of linesOf(stderr)) command.onOutputLine?.(line, "stderr");
    return acceptEnding(command, { exitCode }, { stdout, stderr, durationMs: 1 });
  }

  async runInteractive(command: InteractiveCommand, signal: AbortSignal): Promise<number> {
    if (signal.aborted) throw commandCancelled(command, signal.reason);
    const reply = this.#take(formatCommand(command));
    await reply.effect?.(command);
    if (reply.error !== undefined) throw reply.error;
    return reply.exitCode ?? 0;
  }

  /** Fails when a scripted command never ran. */
  assertDone(): void {
    if (this.#expected.length === 0) return;
    throw new Error(
      `scripted commands that never ran:\n${this.#expected.map(({ line }) => line).join("\n")}`,
    );
  }

  #take(line: string): FakeReply {
    const index = this.#expected.findIndex((expectation) => expectation.line === line);
    const [expectation] = index === -1 ? [] : this.#expected.splice(index, 1);
    if (expectation === undefined) throw new Error(`a command that was not scripted: ${line}`);
    this.lines.push(line);
    return expectation.reply;
  }
}

function linesOf(text: string): readonly string[] {
  return text.split("\n").filter((line, index, all) => line !== "" || index < all.length - 1);
}
