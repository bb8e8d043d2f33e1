import type { DrivesPlan } from "./drives-plan.ts";
import type { InstallerEvent } from "./events.ts";
import type { HandOverState, Notice } from "./facts.ts";
import type { ProgressUnit } from "./progress.ts";

export type StepState = "running" | "done" | "failed";

/** One step as people watch it. Times in milliseconds since the process started. */
export interface StepStatus {
  readonly id: string;
  readonly title: string;
  readonly destructive: boolean;
  readonly state: StepState;
  readonly startedAt: number;
  readonly endedAt?: number;
  readonly unit?: ProgressUnit;
  readonly done?: number;
  readonly total?: number;
  readonly note?: string;
  /** When the step began to count what it does. */
  readonly countingSince?: number;
  /** Units a second since then. */
  readonly ratePerSecond?: number;
  /** Estimated seconds to go; absent while too little is done to tell. */
  readonly remainingSeconds?: number;
  /** When it last got on: started, counted more, began or ended to wait for something else. */
  readonly movedAt: number;
  /** A program that runs, a server that has to answer. */
  readonly waitingFor?: string;
  readonly error?: StepError;
}

export interface StepError {
  readonly code: string;
  readonly message: string;
  readonly hint: string;
}

/** The whole run, as the status page and /api/status show it. */
export interface RunStatus {
  readonly outcome: "running" | "succeeded" | "failed";
  readonly message: string;
  /** In the order in which they started. */
  readonly steps: readonly StepStatus[];
  /** Absent until it is decided. */
  readonly plan?: DrivesPlan;
  /** Absent while the installation runs. */
  readonly handOver?: HandOverState;
  readonly notices: readonly Notice[];
}

/** A running step that does not get on. */
export interface Stall {
  readonly stepId: string;
  /** When something moved last. */
  readonly since: number;
  /** What is being waited for. */
  readonly waitingFor: string;
}

/** Silence that is no longer normal for a step. */
const STALL_MS = 15_000;

export const INITIAL_STATUS: RunStatus = { outcome: "running", message: "", steps: [], notices: [] };

/** The step that has been waiting for longest, if any has moved nothing for 15 s. */
export function findStall(status: RunStatus, nowMs: number): Stall | undefined {
  if (status.outcome !== "running") return undefined;
  const [longest] = status.steps
    .filter((step) => step.state === "running" && nowMs - step.movedAt >= STALL_MS)
    .toSorted((left, right) => left.movedAt - right.movedAt);
  if (longest === undefined) return undefined;
  return { stepId: longest.id, since: longest.movedAt, waitingFor: waitingText(longest) };
}

function waitingText(step: StepStatus): string {
  if (step.waitingFor !== undefined) return step.waitingFor;
  if (step.note !== undefined && step.note !== "") return step.note;
  return step.title;
}

/** The status after `event`; log events do not change it. */
export function applyEvent(status: RunStatus, event: InstallerEvent): RunStatus {
  switch (event.kind) {
    case "step-started": {
      const started: StepStatus = {
        id: event.id,
        title: event.title,
        destructive: event.destructive,
        state: "running",
        startedAt: event.at,
        movedAt: event.at,
      };
      return { ...status, steps: [...status.steps.filter((step) => step.id !== event.id), started] };
    }
    case "step-progress":
      return updateStep(status, event.id, (step) => progressed(step, event));
    case "step-waiting":
      return updateStep(status, event.id, (step) => waiting(step, event));
    case "step-ended":
      return updateStep(status, event.id, (step) => ended(step, "done", event.at));
    case "step-failed":
      return updateStep(status, event.id, (step) => ({
        ...ended(step, "failed", event.at),
        error: { code: event.code, message: event.message, hint: event.hint },
      }));
    case "run-ended":
      return { ...status, outcome: event.outcome, message: event.message };
    case "drives-planned":
      return { ...status, plan: event.plan };
    case "hand-over":
      return { ...status, handOver: event.state };
    case "notice":
      return { ...status, notices: noticed(status.notices, event.notice) };
    case "log":
      return status;
  }
}

function noticed(notices: readonly Notice[], notice: Notice): readonly Notice[] {
  const others = notices.filter(({ id }) => id !== notice.id);
  return notice.text === "" ? others : [...others, notice];
}

function updateStep(status: RunStatus, id: string, change: (step: StepStatus) => StepStatus): RunStatus {
  return { ...status, steps: status.steps.map((step) => (step.id === id ? change(step) : step)) };
}

function ended(step: StepStatus, state: StepState, at: number): StepStatus {
  const { remainingSeconds: _, waitingFor: __, ...rest } = step;
  return { ...rest, state, endedAt: at };
}

/** To begin to wait is to get on: something was done until now. */
function waiting(step: StepStatus, event: Extract<InstallerEvent, { kind: "step-waiting" }>): StepStatus {
  const { waitingFor: _, ...rest } = step;
  const moved = { ...rest, movedAt: event.at };
  return event.waitingFor === "" ? moved : { ...moved, waitingFor: event.waitingFor };
}

function progressed(step: StepStatus, event: Extract<InstallerEvent, { kind: "step-progress" }>): StepStatus {
  const countingSince = event.unit === step.unit ? (step.countingSince ?? event.at) : event.at;
  const seconds = (event.at - countingSince) / 1000;
  const ratePerSecond = seconds > 0 ? event.done / seconds : undefined;
  const remainingSeconds = estimateRemaining(event, seconds);
  const { remainingSeconds: _, ratePerSecond: __, ...rest } = step;
  return {
    ...rest,
    unit: event.unit,
    done: event.done,
    // A note or a corrected total is no movement.
    movedAt: event.done === step.done ? step.movedAt : event.at,
    countingSince,
    ...(event.total === undefined ? {} : { total: event.total }),
    ...(event.note === undefined ? {} : { note: event.note }),
    ...(ratePerSecond === undefined ? {} : { ratePerSecond }),
    ...(remainingSeconds === undefined ? {} : { remainingSeconds }),
  };
}

/** The first buffers fill in no time or after a long silence: an estimate from them would be off by orders of magnitude. */
const LEAST_SECONDS = 3;
const LEAST_SHARE = 0.01;

function estimateRemaining(
  { done, total }: { readonly done: number; readonly total?: number },
  seconds: number,
): number | undefined {
  if (total === undefined || done <= 0) return undefined;
  if (seconds < LEAST_SECONDS || done < total * LEAST_SHARE) return undefined;
  return (Math.max(0, total - done) * seconds) / done;
}
