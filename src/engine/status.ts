import type { InstallerEvent } from "./events.ts";
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
}

export const INITIAL_STATUS: RunStatus = { outcome: "running", message: "", steps: [] };

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
      };
      return { ...status, steps: [...status.steps.filter((step) => step.id !== event.id), started] };
    }
    case "step-progress":
      return updateStep(status, event.id, (step) => progressed(step, event));
    case "step-ended":
      return updateStep(status, event.id, (step) => ended(step, "done", event.at));
    case "step-failed":
      return updateStep(status, event.id, (step) => ({
        ...ended(step, "failed", event.at),
        error: { code: event.code, message: event.message, hint: event.hint },
      }));
    case "run-ended":
      return { ...status, outcome: event.outcome, message: event.message };
    case "log":
      return status;
  }
}

function updateStep(status: RunStatus, id: string, change: (step: StepStatus) => StepStatus): RunStatus {
  return { ...status, steps: status.steps.map((step) => (step.id === id ? change(step) : step)) };
}

function ended(step: StepStatus, state: StepState, at: number): StepStatus {
  const { remainingSeconds: _, ...rest } = step;
  return { ...rest, state, endedAt: at };
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
