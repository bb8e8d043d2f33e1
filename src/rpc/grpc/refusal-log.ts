import type { Logger } from "../../core/logger.ts";

/** Whoever was refused once is mentioned again after this time only. */
const INTERVAL_MS = 60_000;
/** More sources than people. */
const MAX_SOURCES = 64;

/** Warns of refused calls, but not so often that a stranger could flush everything else out of the log. */
export class RefusalLog {
  readonly #log: Logger;
  /** When each source was mentioned last, the longest ago first. */
  readonly #mentioned = new Map<string, number>();

  constructor(log: Logger) {
    this.#log = log;
  }

  /** `source` is whom refusals are counted for; `nowMs` by any clock that does not go back. */
  warn(source: string, message: string, nowMs: number): void {
    for (const [known, sinceMs] of this.#mentioned)
      if (nowMs - sinceMs >= INTERVAL_MS) this.#mentioned.delete(known);
    if (this.#mentioned.has(source) || this.#mentioned.size >= MAX_SOURCES) {
      this.#log.debug(2, message);
      return;
    }
    this.#mentioned.set(source, nowMs);
    this.#log.warn(message);
  }
}
