import { formatMilliseconds, formatSeconds } from "../../core/duration.ts";
import type { ProgressUnit } from "../../engine/progress.ts";
import { formatStepProgress } from "../../engine/step-progress-text.ts";
import { type Step, StepState } from "../../rpc/generated/installer.js";
import { printableLine } from "./printable.ts";

const UNITS: readonly ProgressUnit[] = ["bytes", "objects", "inodes", "files"];
/** From here on tenths of a second are noise. */
const WHOLE_SECONDS_MS = 10_000;

/** How far a step is: `123 MiB of 350 MiB (35 %), 12 MiB/s, 19s left`, else what it waits for; empty: nothing to say. */
export function formatProgress(step: Step): string {
  const unit = UNITS.find((candidate) => candidate === step.unit);
  const progress = formatStepProgress({
    id: step.id,
    title: step.title,
    destructive: step.destructive,
    state: step.state === StepState.STEP_STATE_RUNNING ? "running" : "done",
    startedAt: step.startedAt,
    movedAt: step.startedAt,
    ...(unit === undefined ? {} : { unit }),
    ...optional("done", step.done),
    ...optional("total", step.total),
    ...optional("ratePerSecond", step.ratePerSecond),
    ...optional("remainingSeconds", step.remainingSeconds),
    ...(step.note === "" ? {} : { note: step.note }),
  });
  if (progress !== "") return printableLine(progress);
  return step.waitingFor === "" ? "" : printableLine(`waiting for ${step.waitingFor}`);
}

/** The share that is done, 0 to 1; undefined when that is unknown. */
export function shareOf({ done, total }: Step): number | undefined {
  if (!isFigure(done) || !isFigure(total)) return undefined;
  return total === 0 ? 1 : Math.min(1, done / total);
}

/** `[=====>    ]`, `columns` wide. */
export function formatBar(share: number, columns: number): string {
  const room = Math.max(0, columns - 2);
  const full = Math.floor(share * room);
  const body = full >= room ? "=".repeat(room) : `${"=".repeat(full)}>`.padEnd(room);
  return `[${body.slice(0, room)}]`;
}

/** A time that has passed: `0.35s`, `9.1s`, `2m13s`. */
export function formatElapsed(ms: number): string {
  if (!Number.isFinite(ms) || ms <= 0) return "0s";
  return ms < WHOLE_SECONDS_MS ? formatMilliseconds(ms) : formatSeconds(Math.floor(ms / 1000));
}

/** How long a step took, or has been running at `nowMs` by the clock of the machine. */
export function stepDurationMs(step: Step, nowMs: number): number {
  return (step.endedAt ?? nowMs) - step.startedAt;
}

/** Figures of another program, which need not make sense. */
function isFigure(value: number | undefined): value is number {
  return value !== undefined && Number.isFinite(value) && value >= 0;
}

function optional<Name extends string>(
  name: Name,
  value: number | undefined,
): Partial<Readonly<Record<Name, number>>> {
  return isFigure(value) ? ({ [name]: value } as Readonly<Record<Name, number>>) : {};
}
