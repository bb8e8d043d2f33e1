import { formatLogLine } from "../../../src/engine/log-line.ts";
import { FIFTY_WATCHERS, READING_SHELL, STUCK_SHELL } from "./crowds.ts";
import type { WatchedInstallation } from "./watched-installation.ts";

/** Twice as long as somebody may be stuck. */
const LIMIT_MS = 60_000;

export interface Endurance {
  /** How long the first that was stuck in a shell stayed; undefined: it was not cut off. */
  readonly cutOffAfterMs: number | undefined;
  /** What the log says of that. */
  readonly cutOffLine: string;
  readonly installations: number;
  /** For how long somebody was stuck in a shell. */
  readonly stuckMs: number;
  /** What was logged while somebody read it in a shell, and what was shown there. */
  readonly logged: readonly string[];
  readonly shown: readonly string[];
  /** Longest call of `publish`. */
  readonly publishMs: number;
  /** Resident memory of this process before, and the most after that. */
  readonly memoryBytes: { readonly before: number; readonly most: number };
}

/**
 * One installation after the other with everybody watching, until the one that is stuck in a shell is cut off. Another
 * comes then, until somebody has been stuck for `leastMs`.
 */
export async function endureWatchers(
  machine: WatchedInstallation,
  leastMs: number,
  signal: AbortSignal,
): Promise<Endurance> {
  const before = process.memoryUsage.rss();
  const logged: string[] = [];
  const cutOffs: { readonly at: number; readonly line: string }[] = [];
  await machine.open(READING_SHELL);
  using _ = machine.onLog((entry) => {
    const line = formatLogLine(entry);
    if (entry.stepId !== "port") logged.push(line);
    else if (line.includes("ended early")) cutOffs.push({ at: performance.now(), line });
  });
  await machine.open(FIFTY_WATCHERS);
  await machine.open(STUCK_SHELL);
  const startMs = performance.now();
  machine.events.takeLongestMs();
  let sinceMs = startMs;
  let stuckMs = 0;
  let known = 0;
  let installations = 0;
  let most = before;
  while ((known === 0 || stuckMs < leastMs) && performance.now() - startMs < LIMIT_MS) {
    await machine.install();
    installations += 1;
    most = Math.max(most, process.memoryUsage.rss());
    signal.throwIfAborted();
    const untilMs = cutOffs[known]?.at ?? performance.now();
    stuckMs += untilMs - sinceMs;
    sinceMs = untilMs;
    if (cutOffs.length === known) continue;
    known = cutOffs.length;
    await machine.open(STUCK_SHELL);
    sinceMs = performance.now();
  }
  const publishMs = machine.events.takeLongestMs();
  const { shown } = await machine.close();
  const [first] = cutOffs;
  return {
    cutOffAfterMs: first === undefined ? undefined : first.at - startMs,
    cutOffLine: first?.line ?? "",
    installations,
    stuckMs,
    logged: logged.map(firstLine),
    shown: liveEntries(shown.join("")),
    publishMs,
    memoryBytes: { before, most },
  };
}

/** As it comes out of a terminal, whose bytes nobody has decoded. */
function firstLine(entry: string): string {
  return Buffer.from(entry.split("\n")[0] ?? "").toString("latin1");
}

/** What came between the output of the shell, after the log so far. */
function liveEntries(screen: string): readonly string[] {
  const [, live = ""] = screen.split(/Starting shell on: [^\r]*\r\n/);
  return live.match(/\[ *\d+\.\d{3}\] [^\r]*/g) ?? [];
}
