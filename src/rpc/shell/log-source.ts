import type { EventStream, InstallerEvent } from "../../engine/events.ts";
import { formatLogLine } from "../../engine/log-line.ts";

type LogEvent = Extract<InstallerEvent, { kind: "log" }>;

/** Where shell sessions get the log from. */
export interface LogSource {
  /** What is known so far, oldest first, each entry without its final line feed. */
  entries(): readonly string[];
  /** Calls `listener` with each new entry that is for live copies. */
  subscribe(listener: (entry: string) => void): Disposable;
}

/**
 * The log of a stream of events. `isShownLive` picks what open sessions get to see: messages of the installation, not
 * those about connections (spec/lifecycle.md section 7).
 */
export function createLogSource(
  events: EventStream,
  entries: () => readonly string[],
  isShownLive: (event: LogEvent) => boolean,
): LogSource {
  return {
    entries,
    subscribe: (listener) =>
      events.subscribe((event) => {
        if (event.kind === "log" && isShownLive(event)) listener(formatLogLine(event));
      }),
  };
}
