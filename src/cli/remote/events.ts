import { createPlainConsole } from "../../engine/console-view.ts";
import type { EventListener, InstallerEvent, LogLevel as LogLevelName } from "../../engine/events.ts";
import type { ProgressUnit } from "../../engine/progress.ts";
import { type Event, type LogEntry, LogLevel, type StepProgress } from "../../rpc/generated/installer.js";
import { printable } from "./printable.ts";

const UNITS: readonly ProgressUnit[] = ["bytes", "objects", "inodes", "files"];

/**
 * Prints events of a machine as its own serial console shows them: log lines, and progress every five seconds. `write`
 * gets whole lines without dangerous characters.
 */
export function createRemoteConsole(write: (text: string) => void): (event: Event) => void {
  const view: EventListener = createPlainConsole({
    write: (text) => write(printable(text)),
    columns: () => undefined,
  });
  return (event) => {
    if (event.log !== undefined) return write(`${printable(event.log.line)}\n`);
    if (event.eventsLost !== undefined)
      return write(`(${event.eventsLost.count} older events are no longer known)\n`);
    const local = localEvent(event);
    if (local !== undefined) view(local);
  };
}

/** What the console view needs to know of; undefined for the rest. */
function localEvent({ at, stepStarted, stepProgress, stepEnded }: Event): InstallerEvent | undefined {
  if (stepStarted !== undefined) return { kind: "step-started", at, ...stepStarted };
  if (stepProgress !== undefined) return progressEvent(at, stepProgress);
  if (stepEnded !== undefined) return { kind: "step-ended", at, ...stepEnded };
  return undefined;
}

function progressEvent(
  at: number,
  { id, done, total, unit, note }: StepProgress,
): InstallerEvent | undefined {
  const known = UNITS.find((candidate) => candidate === unit);
  if (known === undefined) return undefined;
  return {
    kind: "step-progress",
    at,
    id,
    done,
    unit: known,
    ...(total === undefined ? {} : { total }),
    ...(note === "" ? {} : { note }),
  };
}

const LEVELS: Readonly<Record<LogLevelName, LogLevel>> = {
  debug: LogLevel.LOG_LEVEL_DEBUG,
  info: LogLevel.LOG_LEVEL_INFO,
  warn: LogLevel.LOG_LEVEL_WARN,
  error: LogLevel.LOG_LEVEL_ERROR,
};

/** The level called `name`; undefined when there is none. */
export function logLevelOf(name: string): LogLevel | undefined {
  return Object.entries(LEVELS).find(([candidate]) => candidate === name)?.[1];
}

/** An entry as it stands in the log file, safe to print; ends with a newline. */
export function formatEntry({ line }: LogEntry): string {
  return `${printable(line)}\n`;
}
