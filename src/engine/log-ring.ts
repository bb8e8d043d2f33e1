import type { InstallerEvent } from "./events.ts";
import { formatLogLine } from "./log-line.ts";

/** The original never keeps fewer entries than this (spec/cli.md, -logbufLines). */
const MINIMUM_ENTRIES = 100;

/** The newest log entries in memory: what the status page shows and what a shell that connects late receives. */
export class LogRing {
  readonly #capacity: number;
  readonly #entries: string[] = [];

  constructor(capacity: number) {
    this.#capacity = Math.max(MINIMUM_ENTRIES, capacity);
  }

  record(event: InstallerEvent): void {
    if (event.kind !== "log") return;
    this.#entries.push(formatLogLine(event));
    if (this.#entries.length > this.#capacity) this.#entries.shift();
  }

  /** Oldest first; each entry without its final newline (an entry may have several lines). */
  entries(): readonly string[] {
    return [...this.#entries];
  }
}
