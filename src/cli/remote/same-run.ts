/** A moment of a run of the installer, as its status told it. */
export interface RunMoment {
  /** Number of its newest event. */
  readonly sequence: number;
  /** Milliseconds since it started, by its own clock. */
  readonly at: number;
  /** When it started by the wall clock of the machine, which the installation may set. */
  readonly startedUnixMs: number;
  /** When we learnt this, by our monotonic clock. */
  readonly localMs: number;
}

/** What the answers of one run may differ by: time on the network, rounding. */
const START_TOLERANCE_MS = 1_500;
const AGE_TOLERANCE_MS = 3_000;

/**
 * Whether two moments belong to one run, so that its numbers go on, or the installer has started anew in between. Either
 * the time of the start is the same, or (when the clock of the machine was set) the run is older by as much as passed here.
 */
export function isSameRun(before: RunMoment, now: RunMoment): boolean {
  if (now.sequence < before.sequence || now.at < before.at) return false;
  if (Math.abs(now.startedUnixMs - before.startedUnixMs) <= START_TOLERANCE_MS) return true;
  return Math.abs(now.at - before.at - (now.localMs - before.localMs)) <= AGE_TOLERANCE_MS;
}
