import type { LogQuery } from "./log-query.ts";

/** Backwards, blank lines are left out. */
export async function* shownLines(lines: AsyncIterable<string>, { flags }: LogQuery): AsyncGenerator<string> {
  const isBackward = flags.has("recentFirst");
  for await (const line of lines) if (!isBackward || line !== "") yield line;
}

/**
 * Lines since `sinceMs` (of the process's own time). Unlike the original, which only knows lines that begin with a date, we
 * go by the seconds at the beginning of ours; lines without belong to the one before.
 */
export async function* recentLines(lines: AsyncIterable<string>, sinceMs: number): AsyncGenerator<string> {
  let isRecent = true;
  for await (const line of lines) {
    const [, seconds] = /^\[ *(\d+\.\d{3})\] /.exec(line) ?? [];
    if (seconds !== undefined) isRecent = Number(seconds) * 1000 >= sinceMs;
    if (isRecent) yield line;
  }
}

/** Of a log whose recent part is longer, only the last lines are shown. */
const MOST_REVERSED = 20_000;

export async function* reversed(lines: AsyncIterable<string>): AsyncGenerator<string> {
  const kept: string[] = [];
  for await (const line of lines) {
    if (line !== "") kept.push(line);
    if (kept.length > 2 * MOST_REVERSED) kept.splice(0, MOST_REVERSED);
  }
  yield* kept.toReversed().slice(0, MOST_REVERSED);
}

export async function* fromMatch(lines: AsyncIterable<string>, start: RegExp): AsyncGenerator<string> {
  let isShown = false;
  for await (const line of lines) {
    isShown ||= start.test(line);
    if (isShown) yield line;
  }
}

export async function* resumed(first: string, rest: AsyncIterable<string>): AsyncGenerator<string> {
  yield first;
  yield* rest;
}
