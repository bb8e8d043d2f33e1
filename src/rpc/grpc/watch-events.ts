import type { EventHistory } from "../../engine/event-history.ts";
import type { Event, WatchEventsRequest } from "../generated/installer.js";
import { toEvent } from "./to-proto-event.ts";

/** Answers WatchEvents: reads the history at the pace of the client. */
export async function* watchEvents(
  history: EventHistory,
  { after, noFollow }: WatchEventsRequest,
  signal: AbortSignal,
): AsyncGenerator<Event, void> {
  let place = startOf(history, after);
  for await (const item of history.follow({ after: place, follow: !noFollow, signal })) {
    if ("lost" in item) {
      place += item.lost;
      yield { sequence: place, at: 0, eventsLost: { count: item.lost } };
    } else {
      place = item.sequence;
      yield toEvent(item);
    }
  }
}

/** A number that has not been given yet is one of an earlier run: whoever asks with it has to begin anew. */
export function startOf(history: EventHistory, after: number): number {
  return after > history.sequence ? 0 : after;
}
