import type { Readable, Writable } from "node:stream";
import type { TerminalSize } from "../../system/terminals.ts";

/** The terminal that a person types on. */
export interface InputTerminal {
  /** Passes every key on as it is typed, unseen, Ctrl-C included, until the result is disposed. */
  enterRawMode(): Disposable;
}

/** The terminal that a person looks at. */
export interface OutputTerminal {
  size(): TerminalSize;
  /** Calls `listener` when the window changes (SIGWINCH), until the result is disposed. */
  onResize(listener: () => void): Disposable;
}

interface RawStream extends Readable {
  setRawMode(isRaw: boolean): unknown;
}

interface WindowStream extends Writable {
  readonly columns: number;
  readonly rows: number;
}

/** `stream` as a terminal; undefined when it is a file or a pipe. */
export function inputTerminal(stream: Readable): InputTerminal | undefined {
  if (!isTerminal(stream) || !("setRawMode" in stream)) return undefined;
  const terminal = stream as RawStream;
  return {
    enterRawMode: () => {
      terminal.setRawMode(true);
      return { [Symbol.dispose]: () => void terminal.setRawMode(false) };
    },
  };
}

/** `stream` as a terminal; undefined when it is a file or a pipe. */
export function outputTerminal(stream: Writable): OutputTerminal | undefined {
  if (!isTerminal(stream) || !("columns" in stream)) return undefined;
  const terminal = stream as WindowStream;
  return {
    size: () => ({ columns: terminal.columns, rows: terminal.rows }),
    onResize: (listener) => {
      terminal.on("resize", listener);
      return { [Symbol.dispose]: () => void terminal.off("resize", listener) };
    },
  };
}

function isTerminal(stream: object): boolean {
  return "isTTY" in stream && stream.isTTY === true;
}
