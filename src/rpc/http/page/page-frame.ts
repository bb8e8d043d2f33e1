import type { SequencedEvent } from "../../../engine/event-history.ts";
import { overallProgress } from "../../../engine/overall-progress.ts";
import type { Snapshot } from "../../../engine/snapshot.ts";
import { formatPercent } from "./format.ts";
import { newestSequence, renderLogLines } from "./log.ts";
import type { Sections } from "./sections.ts";
import { type RunState, runState } from "./summary.ts";

/** What a watcher of the page is sent, at most once a second. */
export interface PageFrame {
  /** Another value means another run of the installer, whose log begins anew. */
  readonly run: string;
  readonly state: RunState;
  readonly title: string;
  /** HTML by id of the element, of those that changed. */
  readonly sections: Partial<Sections>;
  /** HTML of the log entries that came since. */
  readonly log: string;
  /** The newest log entry that the watcher knows then. */
  readonly after: number;
}

export interface FrameInput {
  readonly run: string;
  readonly snapshot: Snapshot;
  readonly sections: Partial<Sections>;
  readonly logEvents: readonly SequencedEvent[];
  /** The newest log entry that the watcher knows. */
  readonly after: number;
}

const GAP =
  '<span class="line gap" data-level="error">… entries are missing here, see the log files\n</span>';

export function makeFrame({ run, snapshot, sections, logEvents, after }: FrameInput): PageFrame {
  const fresh = logEvents.slice(logEvents.findLastIndex(({ sequence }) => sequence <= after) + 1);
  // The entry it knows is no longer known here, so that there may be others between.
  const hasGap = after > 0 && fresh.length === logEvents.length && fresh.length > 0;
  return {
    run,
    state: runState(snapshot),
    title: formatTitle(snapshot),
    sections,
    log: `${hasGap ? GAP : ""}${renderLogLines(fresh)}`,
    after: Math.max(after, newestSequence(logEvents)),
  };
}

/** Many tabs side by side: what differs comes first. */
function formatTitle(snapshot: Snapshot): string {
  const state = runState(snapshot);
  const word = state === "failed" ? "failed" : formatPercent(overallProgress(snapshot.status).share);
  return `${word} ${snapshot.hostname} - installer status page`;
}
