import type { EventHistory, SequencedEvent } from "../../engine/event-history.ts";
import type { Snapshot } from "../../engine/snapshot.ts";

/**
 * Where the page and its live events get what they show. `renderPage` (page/render-page.ts) reads it for each request,
 * `LiveFeeds` (live.ts) once a tick for all watchers together, and not at all while nobody watches.
 */
export interface PageSource {
  /** The machine as it is now. */
  snapshot(): Snapshot;
  /** The log entries that are known, oldest first. */
  logEvents(): readonly SequencedEvent[];
  readonly history: EventHistory;
}

/** What of a request for the page matters. */
export interface PageRequest {
  /** `include` (text or regular expression) and `level` filter the log. */
  readonly query: URLSearchParams;
  /** The Host header; empty when there is none. */
  readonly host: string;
}
