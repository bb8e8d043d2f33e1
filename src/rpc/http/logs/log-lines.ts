import type { FileSystem } from "../../../system/files.ts";
import type { LogFilter } from "../log-filters.ts";

const PIECE_BYTES = 64 * 1024;
/** A longer line is cut into several. */
const LONGEST_LINE_BYTES = 256 * 1024;
const NEWLINE = 0x0a;

/** The lines of a file as it is now, without their newlines. */
export async function* linesForward(
  files: Pick<FileSystem, "readAt" | "stat">,
  path: string,
): AsyncGenerator<string, void, undefined> {
  const { sizeBytes } = await files.stat(path);
  let rest: Buffer = Buffer.alloc(0);
  for (let offset = 0; offset < sizeBytes; ) {
    const piece = await files.readAt(path, offset, Math.min(PIECE_BYTES, sizeBytes - offset));
    if (piece.length === 0) break;
    offset += piece.length;
    const bytes = Buffer.concat([rest, piece]);
    let start = 0;
    for (let end = bytes.indexOf(NEWLINE); end >= 0; end = bytes.indexOf(NEWLINE, start)) {
      yield bytes.toString("utf8", start, end);
      start = end + 1;
    }
    rest = bytes.subarray(start);
    if (rest.length < LONGEST_LINE_BYTES) continue;
    yield rest.toString("utf8");
    rest = Buffer.alloc(0);
  }
  if (rest.length > 0) yield rest.toString("utf8");
}

/** As linesForward, the last line first. */
export async function* linesBackward(
  files: Pick<FileSystem, "readAt" | "stat">,
  path: string,
): AsyncGenerator<string, void, undefined> {
  const { sizeBytes } = await files.stat(path);
  let rest: Buffer = Buffer.alloc(0);
  for (let end = sizeBytes; end > 0; ) {
    const start = Math.max(0, end - PIECE_BYTES);
    const bytes = Buffer.concat([await files.readAt(path, start, end - start), rest]);
    end = start;
    let stop = bytes.length;
    for (let newline = lastNewline(bytes, stop); newline >= 0; newline = lastNewline(bytes, stop)) {
      yield bytes.toString("utf8", newline + 1, stop);
      stop = newline;
    }
    rest = bytes.subarray(0, stop);
    if (rest.length < LONGEST_LINE_BYTES) continue;
    yield rest.toString("utf8");
    rest = Buffer.alloc(0);
  }
  if (rest.length > 0) yield rest.toString("utf8");
}

function lastNewline(bytes: Buffer, before: number): number {
  return before === 0 ? -1 : bytes.lastIndexOf(NEWLINE, before - 1);
}

/** Others get their turn after this much work, about 10 ms. */
const WORK_A_TURN = 250_000;
/** Reading and writing a line costs about as much as this. */
const WORK_A_LINE = 50;
/** About ten seconds of a processor; a filter that needs more does not get it. */
const MOST_WORK = 250_000_000;

/**
 * The lines that pass; ends early, with a line that says so, when the filter is too laborious for such a log. `pause` is
 * awaited after each bit of work.
 */
export async function* filterLines(
  lines: AsyncIterable<string>,
  filter: LogFilter,
  pause: () => Promise<void>,
  mostWork = MOST_WORK,
): AsyncGenerator<string, void, undefined> {
  let linesRead = 0;
  let turnEnds = WORK_A_TURN;
  for await (const line of lines) {
    linesRead += 1;
    if (filter.matches(line)) yield line;
    const filterWork = filter.work;
    if (filterWork > mostWork) {
      yield "[the rest is left out: these expressions take too long]";
      return;
    }
    const work = filterWork + linesRead * WORK_A_LINE;
    if (work < turnEnds) continue;
    turnEnds = work + WORK_A_TURN;
    await pause();
  }
}

/** Answers are sent in pieces of this size. */
const PIECE_CHARACTERS = 32 * 1024;

/** Lines with newlines after them, joined to larger pieces. */
export async function* joinLines(
  lines: AsyncIterable<string>,
  convert: (line: string) => string = (line) => line,
): AsyncGenerator<string, void, undefined> {
  let piece = "";
  for await (const line of lines) {
    piece += `${convert(line)}\n`;
    if (piece.length < PIECE_CHARACTERS) continue;
    yield piece;
    piece = "";
  }
  if (piece !== "") yield piece;
}
