import type { Clock } from "../system/power.ts";
import type { EventStream } from "./events.ts";
import type { ProgressReporter, ProgressUnit } from "./progress.ts";

/** `advance` is called for every chunk; more than a few events a second would only cost time. */
const PUBLISH_INTERVAL_MS = 250;

interface ProgressReporterOptions {
  readonly events: EventStream;
  readonly clock: Clock;
  readonly stepId: string;
  /** Ends the timer of figures that wait to be published. */
  readonly signal: AbortSignal;
}

/** The progress of one step. Disposing it publishes what is still unpublished. */
export interface StepProgressReporter extends ProgressReporter, Disposable {}

/** A reporter that publishes at most four progress events a second, and every figure within a quarter of a second. */
export function createProgressReporter(options: ProgressReporterOptions): StepProgressReporter {
  const { events, clock, stepId } = options;
  const waits = new Set<{ readonly what: string }>();
  let unit: ProgressUnit | undefined;
  let total: number | undefined;
  let note: string | undefined;
  let done = 0;
  let publishedMs = Number.NEGATIVE_INFINITY;
  let isDirty = false;
  let isTimerRunning = false;

  const publish = (): void => {
    if (unit === undefined) return;
    publishedMs = clock.monotonicMs();
    isDirty = false;
    events.publish({
      kind: "step-progress",
      at: publishedMs,
      id: stepId,
      done,
      unit,
      ...(total === undefined ? {} : { total }),
      ...(note === undefined ? {} : { note }),
    });
  };
  // The last bytes before a silence must be seen as well: whoever waits wants to know how far it came.
  const publishLater = async (): Promise<void> => {
    isTimerRunning = true;
    await clock.sleep(PUBLISH_INTERVAL_MS, options.signal).catch(() => undefined);
    isTimerRunning = false;
    if (isDirty) publish();
  };
  const publishSoon = (): void => {
    isDirty = true;
    if (clock.monotonicMs() - publishedMs >= PUBLISH_INTERVAL_MS) publish();
    else if (!isTimerRunning) void publishLater();
  };
  const publishWaits = (): void => {
    const [longest, ...others] = waits;
    const more = others.length === 0 ? "" : ` (and ${others.length} more)`;
    const waitingFor = longest === undefined ? "" : `${longest.what}${more}`;
    events.publish({ kind: "step-waiting", at: clock.monotonicMs(), id: stepId, waitingFor });
  };

  return {
    start(newUnit, newTotal) {
      if (unit !== newUnit) done = 0;
      unit = newUnit;
      total = newTotal;
      publish();
    },
    advance(amount) {
      done += amount;
      publishSoon();
    },
    note(text) {
      note = text;
      publishSoon();
    },
    waitFor(what) {
      const wait = { what };
      waits.add(wait);
      publishWaits();
      return {
        [Symbol.dispose]: () => {
          if (waits.delete(wait)) publishWaits();
        },
      };
    },
    [Symbol.dispose]: () => {
      if (isDirty) publish();
    },
  };
}
