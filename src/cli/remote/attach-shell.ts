import type { Readable, Writable } from "node:stream";
import type { RemoteShell } from "../../rpc/grpc/client.ts";
import { writeOutput } from "../write-output.ts";
import type { InputTerminal, OutputTerminal } from "./local-terminal.ts";

/** The near end of a remote shell. */
export interface NearEnd {
  readonly stdin: Readable;
  readonly stdout: Writable;
  /** Undefined when a file or program types. */
  readonly input: InputTerminal | undefined;
  /** Undefined when nobody looks at a window. */
  readonly output: OutputTerminal | undefined;
  /**
   * Keeps our terminal, once it is in raw mode, from adding carriage returns to what the other one has processed already:
   * full-screen programs use a bare line feed to go down. Never rejects.
   */
  readonly stopOutputProcessing: () => Promise<void>;
}

/** Control-\: at the beginning of a read it disconnects, as with the original (spec/lifecycle.md section 7). */
const DISCONNECT = 0x1c;
/** Control-D: at the beginning of a line the end of input, elsewhere only the end of what is read at once. */
const END_OF_INPUT = 0x04;
const LINE_FEED = 0x0a;

/**
 * Connects a shell with what is at this end until it ends or the operator disconnects; resolves with its exit code.
 * The terminal is in raw mode meanwhile. Input that is no terminal is typed into the shell, and at its end Control-D.
 */
export async function attachShell(
  shell: RemoteShell,
  near: NearEnd,
  signal: AbortSignal,
): Promise<number | "disconnected"> {
  const { input, output } = near;
  using _resizing = output?.onResize(() => shell.resize(output.size()));
  using _raw = input?.enterRawMode();
  if (input !== undefined) await near.stopOutputProcessing();
  const ended = showOutput(shell, near.stdout);
  using typing = typeInput(shell, near);
  return await Promise.race([ended, typing.disconnected, interrupted(signal)]);
}

async function showOutput(shell: RemoteShell, stdout: Writable): Promise<number> {
  for await (const piece of shell.output) await writeOutput(stdout, piece);
  return (await shell.exit).exitCode;
}

async function interrupted(signal: AbortSignal): Promise<never> {
  return new Promise((_resolve, reject) => {
    const onAbort = (): void => reject(signal.reason as Error);
    if (signal.aborted) onAbort();
    else signal.addEventListener("abort", onAbort, { once: true });
  });
}

interface Typing extends Disposable {
  /** Resolves when the operator disconnects. */
  readonly disconnected: Promise<"disconnected">;
}

/** Passes input on as fast as the shell takes it. Not by iteration, which could not be left while nothing is typed. */
function typeInput(shell: RemoteShell, { stdin, input }: NearEnd): Typing {
  const { promise: disconnected, resolve: disconnect } = Promise.withResolvers<"disconnected">();
  let last = LINE_FEED;
  const onData = (piece: Uint8Array): void => {
    if (input !== undefined && piece[0] === DISCONNECT) return disconnect("disconnected");
    last = piece.at(-1) ?? last;
    stdin.pause();
    // A shell that fails says so on its output.
    void shell
      .write(piece)
      .catch(() => undefined)
      .then(() => stdin.resume());
  };
  const onEnd = (): void => {
    const codes = last === LINE_FEED ? [END_OF_INPUT] : [LINE_FEED, END_OF_INPUT];
    void shell.write(Uint8Array.from(codes)).catch(() => undefined);
  };
  stdin.on("data", onData);
  stdin.once("end", onEnd);
  return {
    disconnected,
    [Symbol.dispose]: () => {
      stdin.off("data", onData);
      stdin.off("end", onEnd);
      stdin.pause();
    },
  };
}
