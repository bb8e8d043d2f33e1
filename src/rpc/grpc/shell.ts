import { status } from "@grpc/grpc-js";
import type { Terminal, TerminalSignal, TerminalSize } from "../../system/terminals.ts";
import type { ShellInput, ShellOutput, TerminalSize as ShellSize } from "../generated/installer.js";
import type { ShellHost } from "../shell/shell-host.ts";
import { CallRefusal } from "./call-refusal.ts";
import type { CallContext, Conversation } from "./call-runner.ts";

const SIGNALS: ReadonlySet<string> = new Set<TerminalSignal>([
  "SIGHUP",
  "SIGINT",
  "SIGQUIT",
  "SIGTERM",
  "SIGKILL",
  "SIGTSTP",
  "SIGCONT",
]);

/** The kernel counts the columns and rows of a terminal in 16 bits (struct winsize, tty_ioctl(4)). */
const MAX_SIZE = 0xffff;

/**
 * Answers Shell: a terminal for one client, who is never waited for by anything else. Ends when the shell has ended and
 * all that it showed was sent, when the client closes its side, or with the call.
 */
export async function serveShell(
  shells: ShellHost,
  conversation: Conversation<ShellInput, ShellOutput>,
  { caller, signal }: CallContext,
): Promise<void> {
  const inputs = conversation.requests[Symbol.asyncIterator]();
  const { value: first } = (await inputs.next()) as { readonly value: ShellInput | undefined };
  if (first?.start === undefined)
    throw new CallRefusal(status.INVALID_ARGUMENT, "the first message has to be `start`");
  const { size, terminalType } = first.start;
  await using session = await shells.open({
    userName: caller.identity.userName,
    peer: caller.peer,
    protocol: "grpc",
    ...(size === undefined ? {} : { size: toSize(size) }),
    ...(terminalType === "" ? {} : { terminalType }),
  });
  const { terminal } = session;
  signal.throwIfAborted();
  await conversation.send({ started: { device: session.info.device } });
  const output = showOutput(terminal, conversation);
  await untilAborted(signal, [output, passInput(inputs, terminal)]);
  // Either nothing more comes from the shell, or nothing more from the client: both end it.
  await session[Symbol.asyncDispose]();
  await untilAborted(signal, [output]);
  const { exitCode } = await terminal.exit;
  await conversation.send({ ended: { exitCode } });
}

async function showOutput(
  terminal: Terminal,
  conversation: Conversation<ShellInput, ShellOutput>,
): Promise<void> {
  for await (const data of terminal.output) await conversation.send({ data });
}

/** Resolves when the client closes its side. */
async function passInput(inputs: AsyncIterator<ShellInput>, terminal: Terminal): Promise<void> {
  for (;;) {
    const next = await inputs.next();
    if (next.done === true) return;
    const { data, resize, signal, start } = next.value;
    if (start !== undefined) throw new CallRefusal(status.INVALID_ARGUMENT, "`start` comes only once");
    if (data !== undefined) await terminal.write(data);
    if (resize !== undefined) terminal.resize(toSize(resize));
    if (signal !== undefined) terminal.signal(toSignal(signal));
  }
}

/** Settles as the first of `ways` does; the others come to an end with the session. */
async function untilAborted(signal: AbortSignal, ways: readonly Promise<void>[]): Promise<void> {
  const { promise, reject } = Promise.withResolvers<never>();
  const onAbort = (): void => reject(signal.reason as Error);
  signal.addEventListener("abort", onAbort, { once: true });
  try {
    signal.throwIfAborted();
    await Promise.race([promise, ...ways]);
  } finally {
    signal.removeEventListener("abort", onAbort);
    for (const way of ways) way.catch(() => undefined);
  }
}

function toSignal(name: string): TerminalSignal {
  if (!SIGNALS.has(name)) throw new CallRefusal(status.INVALID_ARGUMENT, "no such signal for a terminal");
  return name as TerminalSignal;
}

function toSize({ columns, rows }: ShellSize): TerminalSize {
  return { columns: Math.min(columns, MAX_SIZE), rows: Math.min(rows, MAX_SIZE) };
}
