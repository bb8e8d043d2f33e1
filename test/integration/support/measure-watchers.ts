import { formatLogLine } from "../../../src/engine/log-line.ts";
import { type Crowd, FIFTY_WATCHERS, READING_SHELL, STUCK_SHELL } from "./crowds.ts";
import { medianInterval } from "./paired-ratios.ts";
import type { Duration, WatchedInstallation } from "./watched-installation.ts";

/** Most by which installations may last longer when somebody watches. */
export const MOST_RATIO = 1.05;
const CONFIDENCE = 0.99;
const CROWDS = [
  ["stuckShell", STUCK_SHELL],
  ["fiftyWatchers", FIFTY_WATCHERS],
] as const;
/** After it, the medians are what they are. */
const COMPARISON_LIMIT_MS = 210_000;
/** Nobody may be stuck for longer than this. */
const ENDURANCE_LIMIT_MS = 45_000;

export interface Ratios {
  /** Durations with watchers, each divided by that of an installation directly before or after it without. */
  readonly elapsed: readonly number[];
  /**
   * The same, if all that the main thread does for watchers were added to the duration. Other programs on the machine do
   * not disturb it much.
   */
  readonly busy: readonly number[];
}

export interface Comparison {
  readonly stuckShell: Ratios;
  readonly fiftyWatchers: Ratios;
  /** For how long a shell was stuck meanwhile. */
  readonly stuckMs: number;
  /** Longest call of `publish`, with watchers and without. */
  readonly publishMs: { readonly watched: number; readonly alone: number };
  /** Watchers that were cut off although they read. */
  readonly lost: readonly string[];
}

/**
 * Installations with and without watchers in turn, so that whatever else slows the machine down slows both down, until
 * it is beyond doubt on which side of MOST_RATIO the medians lie, or for as long as the test may take.
 */
export async function compareWatched(
  machine: WatchedInstallation,
  tell: (text: string) => void,
  signal: AbortSignal,
): Promise<Comparison> {
  const deadline = performance.now() + COMPARISON_LIMIT_MS;
  const ratios = {
    stuckShell: { elapsed: [] as number[], busy: [] as number[] },
    fiftyWatchers: { elapsed: [] as number[], busy: [] as number[] },
  };
  const publishMs = { watched: 0, alone: 0 };
  const lost: string[] = [];
  let stuckMs = 0;
  // The first warms the caches up.
  await machine.install();
  const runAlone = async (crowd: Crowd): Promise<Duration> => {
    // They come and go before, so that what that costs is no difference.
    await machine.open(crowd);
    await machine.close();
    machine.events.takeLongestMs();
    const duration = await machine.install();
    publishMs.alone = Math.max(publishMs.alone, machine.events.takeLongestMs());
    return duration;
  };
  const runWatched = async (crowd: Crowd): Promise<Duration> => {
    await machine.open(crowd);
    machine.events.takeLongestMs();
    const duration = await machine.install();
    publishMs.watched = Math.max(publishMs.watched, machine.events.takeLongestMs());
    lost.push(...(await machine.close()).lost);
    return duration;
  };
  const isDecided = (): boolean => Object.values(ratios).every(({ elapsed }) => isBeyondDoubt(elapsed));
  for (let round = 0; !isDecided() && performance.now() < deadline; round++) {
    for (const [name, crowd] of CROWDS) {
      signal.throwIfAborted();
      const isAloneFirst = round % 2 === 0;
      const first = await (isAloneFirst ? runAlone(crowd) : runWatched(crowd));
      const second = await (isAloneFirst ? runWatched(crowd) : runAlone(crowd));
      const [alone, watched] = isAloneFirst ? [first, second] : [second, first];
      ratios[name].elapsed.push(watched.elapsedMs / alone.elapsedMs);
      ratios[name].busy.push(1 + (watched.busyMs - alone.busyMs) / alone.elapsedMs);
      if (name === "stuckShell") stuckMs += watched.elapsedMs;
      tell(`${name}: ${show(watched)}, alone ${show(alone)}`);
    }
  }
  return { ...ratios, stuckMs, publishMs, lost };
}

function show({ elapsedMs, busyMs }: Duration): string {
  return `${elapsedMs.toFixed()} ms (main thread ${busyMs.toFixed()} ms)`;
}

function isBeyondDoubt(values: readonly number[]): boolean {
  const { low, high } = medianInterval(values, CONFIDENCE);
  return high < MOST_RATIO || low > MOST_RATIO;
}

export interface Endurance {
  /** How long the stuck shell stayed; undefined: it was not cut off. */
  readonly cutOffAfterMs: number | undefined;
  /** What the log says of that. */
  readonly cutOffLine: string;
  readonly installations: number;
  /** What was logged while somebody read it in a shell, and what was shown there. */
  readonly logged: readonly string[];
  readonly shown: readonly string[];
  readonly publishMs: number;
  /** Resident memory of this process before, and the most after that. */
  readonly memoryBytes: { readonly before: number; readonly most: number };
}

/** One installation after the other with everybody watching, until the one that is stuck in a shell is cut off. */
export async function endureWatchers(machine: WatchedInstallation, signal: AbortSignal): Promise<Endurance> {
  const before = process.memoryUsage.rss();
  let most = before;
  const logged: string[] = [];
  let cutOff: { readonly at: number; readonly line: string } | undefined;
  await machine.open(READING_SHELL);
  using _ = machine.onLog((entry) => {
    const line = formatLogLine(entry);
    if (entry.stepId !== "port") logged.push(line);
    else if (line.includes("ended early")) cutOff ??= { at: performance.now(), line };
  });
  await machine.open([...STUCK_SHELL, ...FIFTY_WATCHERS]);
  const startMs = performance.now();
  machine.events.takeLongestMs();
  let installations = 0;
  while (cutOff === undefined && performance.now() - startMs < ENDURANCE_LIMIT_MS) {
    await machine.install();
    installations += 1;
    most = Math.max(most, process.memoryUsage.rss());
    signal.throwIfAborted();
  }
  const publishMs = machine.events.takeLongestMs();
  const { shown } = await machine.close();
  const seen = cutOff as { readonly at: number; readonly line: string } | undefined;
  return {
    cutOffAfterMs: seen === undefined ? undefined : seen.at - startMs,
    cutOffLine: seen?.line ?? "",
    installations,
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
