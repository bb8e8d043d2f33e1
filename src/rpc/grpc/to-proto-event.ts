import type { SequencedEvent } from "../../engine/event-history.ts";
import type { InstallerEvent } from "../../engine/events.ts";
import type * as proto from "../generated/installer.js";
import { OUTCOMES, toDrives, toHandOver, toLogEntry, toNotice, whole } from "./to-proto.ts";

/** An event as WatchEvents sends it. */
export function toEvent({ sequence, event }: SequencedEvent): proto.Event {
  return { sequence, at: whole(event.at), ...toPayload(sequence, event) };
}

function toPayload(sequence: number, event: InstallerEvent): Omit<proto.Event, "sequence" | "at"> {
  switch (event.kind) {
    case "step-started": {
      const { id, title, destructive } = event;
      return { stepStarted: { id, title, destructive } };
    }
    case "step-progress":
      return { stepProgress: toProgress(event) };
    case "step-waiting":
      return { stepWaiting: { id: event.id, waitingFor: event.waitingFor } };
    case "step-ended":
      return { stepEnded: { id: event.id, durationMs: whole(event.durationMs) } };
    case "step-failed": {
      const { id, code, message, hint } = event;
      return { stepFailed: { id, durationMs: whole(event.durationMs), problem: { code, message, hint } } };
    }
    case "log":
      return { log: toLogEntry(sequence, event) };
    case "run-ended":
      return { runEnded: { outcome: OUTCOMES[event.outcome], message: event.message } };
    case "drives-planned":
      return { drivesPlanned: { drives: toDrives(event.plan) } };
    case "hand-over":
      return { handOver: toHandOver(event.state) };
    case "notice":
      return { notice: toNotice(event.notice) };
  }
}

type ProgressEvent = Extract<InstallerEvent, { kind: "step-progress" }>;

function toProgress({ id, done, unit, note = "", total }: ProgressEvent): proto.StepProgress {
  return { id, done: whole(done), unit, note, ...(total === undefined ? {} : { total: whole(total) }) };
}
