import { type Crowd, FIFTY_WATCHERS, STUCK_SHELL } from "./crowds.ts";
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
