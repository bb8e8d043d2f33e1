import { PassThrough } from "node:stream";
import { describe, expect, it } from "vitest";
import { attachShell, type NearEnd } from "../../../../src/cli/remote/attach-shell.ts";
import { InstallerError } from "../../../../src/core/errors.ts";
import type { RemoteShell } from "../../../../src/rpc/grpc/client.ts";
import type { TerminalSize } from "../../../../src/system/terminals.ts";

interface Bench {
  readonly near: NearEnd;
  readonly stdin: PassThrough;
  readonly typed: () => string;
  readonly shown: () => string;
  readonly sizes: TerminalSize[];
  readonly modes: string[];
  readonly shell: RemoteShell;
  resizeWindow(size: TerminalSize): void;
}

interface BenchOptions {
  readonly output: AsyncIterable<Uint8Array>;
  readonly exitCode?: number;
  readonly isTerminal?: boolean;
  readonly write?: (bytes: Uint8Array) => Promise<void>;
}

function createBench({ output, exitCode = 0, isTerminal = true, write }: BenchOptions): Bench {
  const stdin = new PassThrough();
  const stdout = new PassThrough();
  const typed: Uint8Array[] = [];
  let shown = "";
  stdout.on("data", (piece: Buffer) => (shown += piece.toString()));
  const sizes: TerminalSize[] = [];
  const modes: string[] = [];
  const listeners = new Set<() => void>();
  let size: TerminalSize = { columns: 80, rows: 24 };
  const shell: RemoteShell = {
    device: "/dev/pts/9",
    output,
    exit: Promise.resolve({ exitCode }),
    write: async (bytes) => {
      typed.push(Buffer.from(bytes));
      await write?.(bytes);
    },
    resize: (to) => void sizes.push(to),
    signal: () => undefined,
    end: () => undefined,
    [Symbol.dispose]: () => undefined,
  };
  const near: NearEnd = {
    stdin,
    stdout,
    input: isTerminal
      ? {
          enterRawMode: () => {
            modes.push("raw");
            return { [Symbol.dispose]: () => void modes.push("cooked") };
          },
        }
      : undefined,
    stopOutputProcessing: async () => void modes.push("verbatim"),
    output: isTerminal
      ? {
          size: () => size,
          onResize: (listener) => {
            listeners.add(listener);
            return { [Symbol.dispose]: () => void listeners.delete(listener) };
          },
        }
      : undefined,
  };
  return {
    near,
    stdin,
    typed: () => Buffer.concat(typed).toString("latin1"),
    shown: () => shown,
    sizes,
    modes,
    shell,
    resizeWindow: (to) => {
      size = to;
      for (const listener of listeners) listener();
    },
  };
}

const never = new AbortController().signal;
const turn = async (): Promise<void> => new Promise((resolve) => setImmediate(resolve));

/** The output of a shell that shows nothing. */
function endless(): AsyncIterable<Uint8Array> {
  return { [Symbol.asyncIterator]: () => ({ next: async () => new Promise(() => undefined) }) };
}

async function* pieces(...texts: readonly string[]): AsyncGenerator<Uint8Array, void> {
  for (const text of texts) yield Buffer.from(text);
}

describe("attachShell", () => {
  it("shows everything and ends with the exit code of the shell", async () => {
    const bench = createBench({ output: pieces("one\r\n", "two\r\n"), exitCode: 7 });
    await expect(attachShell(bench.shell, bench.near, never)).resolves.toBe(7);
    expect(bench.shown()).toBe("one\r\ntwo\r\n");
    expect(bench.modes).toEqual(["raw", "verbatim", "cooked"]);
    expect(bench.stdin.listenerCount("data")).toBe(0);
  });

  it("passes on what is typed, Ctrl-C included, until a read begins with control-\\", async () => {
    const bench = createBench({ output: endless() });
    const running = attachShell(bench.shell, bench.near, never);
    for (const text of ["ls\r", "\u0003", "a\u001cb"]) {
      bench.stdin.write(text);
      await turn();
    }
    bench.stdin.write("\u001crest");
    await expect(running).resolves.toBe("disconnected");
    expect(bench.typed()).toBe("ls\r\u0003a\u001cb");
    expect(bench.modes).toEqual(["raw", "verbatim", "cooked"]);
  });

  it("takes no more input than the shell takes", async () => {
    const { promise: taken, resolve: take } = Promise.withResolvers<void>();
    const bench = createBench({ output: endless(), write: async () => taken });
    const running = attachShell(bench.shell, bench.near, never);
    bench.stdin.write("first");
    await turn();
    bench.stdin.write("second");
    await turn();
    expect(bench.typed()).toBe("first");
    take();
    await turn();
    expect(bench.typed()).toBe("firstsecond");
    bench.stdin.write("\u001c");
    await running;
  });

  it("tells the size of the window when it changes, and no more after the end", async () => {
    const bench = createBench({ output: endless() });
    const running = attachShell(bench.shell, bench.near, never);
    await turn();
    bench.resizeWindow({ columns: 132, rows: 50 });
    bench.stdin.write("\u001c");
    await running;
    bench.resizeWindow({ columns: 1, rows: 1 });
    expect(bench.sizes).toEqual([{ columns: 132, rows: 50 }]);
  });

  it.each([
    ["ls\n", "ls\n\u0004"],
    ["ls", "ls\n\u0004"],
    ["", "\u0004"],
    // Data of a file, not a key.
    ["\u001cls\n", "\u001cls\n\u0004"],
  ])("types a file %j and Control-D at its end", async (input, expected) => {
    const { promise: over, resolve: end } = Promise.withResolvers<void>();
    const output = (async function* () {
      await over;
      yield Buffer.from("done");
    })();
    const bench = createBench({ output, isTerminal: false });
    const running = attachShell(bench.shell, bench.near, never);
    bench.stdin.end(input);
    await turn();
    await turn();
    end();
    await expect(running).resolves.toBe(0);
    expect(bench.typed()).toBe(expected);
    expect(bench.shown()).toBe("done");
  });

  it("gives the terminal back when the connection is lost", async () => {
    const lost = new InstallerError("E_CONNECTION_LOST", "reading");
    const output = (async function* (): AsyncGenerator<Uint8Array, void> {
      yield Buffer.from("x");
      throw lost;
    })();
    const bench = createBench({ output });
    await expect(attachShell(bench.shell, bench.near, never)).rejects.toBe(lost);
    expect(bench.modes).toEqual(["raw", "verbatim", "cooked"]);
  });

  it("gives the terminal back when a signal interrupts", async () => {
    const interruption = new AbortController();
    const bench = createBench({ output: endless() });
    const running = attachShell(bench.shell, bench.near, interruption.signal);
    const reason = new InstallerError("E_CANCELLED", "interrupted by SIGTERM");
    interruption.abort(reason);
    await expect(running).rejects.toBe(reason);
    expect(bench.modes).toEqual(["raw", "verbatim", "cooked"]);
  });
});
