import type { Writable } from "node:stream";
import type { TerminalSize } from "../../system/terminals.ts";
import type { OutputTerminal } from "./local-terminal.ts";
import type { Tone, ViewLine } from "./status-text.ts";

const ESC = "\u001b";
/** The other screen of the terminal, without cursor; what is too wide is clipped instead of wrapped (xterm ctlseqs). */
const ENTER = `${ESC}[?1049h${ESC}[?25l${ESC}[?7l`;
const LEAVE = `${ESC}[?7h${ESC}[?25h${ESC}[?1049l`;
/** Terminals that know it show the whole frame at once; others ignore it. */
const BEGIN_FRAME = `${ESC}[?2026h`;
const END_FRAME = `${ESC}[?2026l`;
const CLEAR = `${ESC}[2J`;
const ERASE_TO_END_OF_LINE = `${ESC}[K`;
const RESET = `${ESC}[0m`;

const COLOURS: Readonly<Record<Tone, string>> = {
  normal: "",
  good: `${ESC}[32m`,
  bad: `${ESC}[1;31m`,
  strong: `${ESC}[1m`,
  faint: `${ESC}[2m`,
};

/** A full-screen view; disposing it gives the terminal back as it was. */
export interface Screen extends Disposable {
  size(): TerminalSize;
  /** Shows `lines`, from the top; writes only what has changed since the last frame. */
  draw(lines: readonly ViewLine[]): void;
}

export interface ScreenOptions {
  readonly stdout: Writable;
  readonly terminal: OutputTerminal;
  readonly hasColours: boolean;
}

/** Takes the terminal over until the result is disposed. A terminal that is behind misses frames. */
export function openScreen({ stdout, terminal, hasColours }: ScreenOptions): Screen {
  let shown: readonly string[] = [];
  let needsClearing = true;
  const resizing = terminal.onResize(() => (needsClearing = true));
  stdout.write(ENTER);
  return {
    size: () => terminal.size(),
    draw: (lines) => {
      if (stdout.writableNeedDrain) return;
      const painted = lines.map((line) => paint(line, hasColours));
      const changes = frameChanges(needsClearing ? [] : shown, painted);
      if (changes !== "" || needsClearing)
        stdout.write(`${BEGIN_FRAME}${needsClearing ? CLEAR : ""}${changes}${END_FRAME}`);
      shown = painted;
      needsClearing = false;
    },
    [Symbol.dispose]: () => {
      resizing[Symbol.dispose]();
      stdout.write(LEAVE);
    },
  };
}

/** What turns the frame `before` into `after`: each line that differs, at its place. */
function frameChanges(before: readonly string[], after: readonly string[]): string {
  const rows = Math.max(before.length, after.length);
  let changes = "";
  for (let row = 0; row < rows; row++) {
    const line = after[row] ?? "";
    if (line !== (before[row] ?? "")) changes += `${ESC}[${row + 1};1H${line}${ERASE_TO_END_OF_LINE}`;
  }
  return changes;
}

function paint({ text, tone }: ViewLine, hasColours: boolean): string {
  const colour = hasColours ? COLOURS[tone] : "";
  return colour === "" || text === "" ? text : `${colour}${text}${RESET}`;
}
