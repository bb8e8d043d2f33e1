import type { Clock } from "../system/power.ts";
import type { EventStream } from "./events.ts";
import type { ProgressReporter, ProgressUnit } from "./progress.ts";

/** `advance` is called for every chunk; more than a few events a second would only cost time. */
const PUBLISH_INTERVAL_MS = 250;

interface ProgressReporterOptions {
  readonly events: EventStream;
  readonly clock: Clock;
  readonly stepId: string;
}

/** A reporter that publishes at most four progress events a second; `flush` publishes what is still unpublished. */
export function createProgressReporter(
  options: ProgressReporterOptions,
): ProgressReporter & { flush(): void } {
  let unit: ProgressUnit | undefined;
  let total: number | undefined;
  let note: string | undefined;
  let done = 0;
  let publishedMs = Number.NEGATIVE_INFINITY;
  let isDirty = false;

  const publish = (): void => {
    if (unit === undefined) return;
    publishedMs = options.clock.monotonicMs();
    isDirty = false;
    options.events.publish({
      kind: "step-progress",
      at: publishedMs,
      id: options.stepId,
      done,
      unit,
      ...(total === undefined ? {} : { total }),
      ...(note === undefined ? {} : { note }),
    });
  };
  const publishSoon = (): void => {
    isDirty = true;
    if (options.clock.monotonicMs() - publishedMs >= PUBLISH_INTERVAL_MS) publish();
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
    flush() {
      if (isDirty) publish();
    },
  };
}
