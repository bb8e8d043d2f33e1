import { pino } from "pino";
import type { AppendFile } from "../system/files.ts";
import type { EventListener, InstallerEvent, LogLevel } from "./events.ts";

/**
 * Writes every event as one JSON line, for programs: `{"level":30,"time":…,"event":"step-ended","id":…}`.
 *
 * The destination is synchronous on purpose: buffered lines die at kexec, and a worker transport cannot start inside a
 * single executable.
 */
export function createJournal(file: AppendFile): EventListener {
  const journal = pino({ base: null, level: "debug" }, { write: (line: string) => file.write(line) });
  return (event) => {
    const { kind, ...details } = event;
    journal[levelOf(event)]({ event: kind, ...details });
  };
}

function levelOf(event: InstallerEvent): LogLevel {
  switch (event.kind) {
    case "log":
      return event.level;
    case "run-ended":
      return event.outcome === "failed" ? "error" : "info";
    case "notice":
      return event.notice.severity === "warning" ? "warn" : "info";
    default:
      return LEVELS[event.kind];
  }
}

/** Of events that are always of the same weight. */
const LEVELS = {
  "step-started": "info",
  "step-progress": "debug",
  "step-waiting": "debug",
  "step-ended": "info",
  "step-failed": "error",
  "drives-planned": "info",
  "hand-over": "info",
} as const satisfies Record<string, LogLevel>;
