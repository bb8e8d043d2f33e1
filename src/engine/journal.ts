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
    case "step-failed":
      return "error";
    case "step-progress":
      return "debug";
    case "run-ended":
      return event.outcome === "failed" ? "error" : "info";
    case "step-started":
    case "step-ended":
      return "info";
  }
}
