import type { EventHistory, SequencedEvent } from "../../engine/event-history.ts";
import type { InstallerEvent } from "../../engine/events.ts";
import type { LogEntry, StreamLogsRequest } from "../generated/installer.js";
import { LOG_LEVELS, toLogEntry } from "./to-proto.ts";
import { startOf } from "./watch-events.ts";

type LogEvent = Extract<InstallerEvent, { kind: "log" }>;

/** Answers StreamLogs: reads the log entries of the history at the pace of the client. */
export async function* streamLogs(
  history: EventHistory,
  request: StreamLogsRequest,
  signal: AbortSignal,
): AsyncGenerator<LogEntry, void> {
  const isWanted = (item: SequencedEvent): item is SequencedEvent & { readonly event: LogEvent } =>
    item.event.kind === "log" && LOG_LEVELS[item.event.level] >= request.minimumLevel;
  let place = placeOfLast(
    history.itemsAfter(startOf(history, request.after)).filter(isWanted),
    request.last,
    startOf(history, request.after),
  );
  for await (const item of history.follow({ after: place, follow: request.follow, signal })) {
    if ("lost" in item) {
      place += item.lost;
      yield lostEntries(place, item.lost);
    } else {
      place = item.sequence;
      if (isWanted(item)) yield toLogEntry(item.sequence, item.event);
    }
  }
}

/** After which number the last `count` of `items` begin; 0: all. */
function placeOfLast(items: readonly SequencedEvent[], count: number, start: number): number {
  if (count === 0) return start;
  const first = items.length > count ? items.at(-count) : undefined;
  return first === undefined ? start : first.sequence - 1;
}

function lostEntries(sequence: number, count: number): LogEntry {
  const message = `up to ${count} entries were dropped before they could be sent`;
  return { sequence, at: 0, level: LOG_LEVELS.warn, message, fields: {}, stepId: "", line: message };
}
