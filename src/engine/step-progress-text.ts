import { formatBytes } from "../core/byte-size.ts";
import { formatSeconds } from "../core/duration.ts";
import type { StepStatus } from "./status.ts";

/** How far a step is, for people: `123 MiB of 350 MiB (35 %), 12 MiB/s, 19s left`; empty when it does not count. */
export function formatStepProgress(step: StepStatus): string {
  if (step.unit === undefined || step.done === undefined) return step.note ?? "";
  const parts = [formatDone(step.done, step.total, step.unit)];
  if (step.unit === "bytes" && step.ratePerSecond !== undefined && step.ratePerSecond >= 1) {
    parts.push(`${formatBytes(BigInt(Math.round(step.ratePerSecond)))}/s`);
  }
  if (step.remainingSeconds !== undefined && step.state === "running") {
    parts.push(`${formatSeconds(Math.ceil(step.remainingSeconds))} left`);
  }
  if (step.note !== undefined && step.note !== "") parts.push(step.note);
  return parts.join(", ");
}

function formatDone(done: number, total: number | undefined, unit: StepStatus["unit"]): string {
  const amount = (value: number): string =>
    unit === "bytes" ? formatBytes(BigInt(Math.round(value))) : String(Math.round(value));
  const suffix = unit === "bytes" ? "" : ` ${unit ?? ""}`;
  if (total === undefined) return `${amount(done)}${suffix}`;
  const percent = total === 0 ? 100 : Math.floor((100 * done) / total);
  return `${amount(done)} of ${amount(total)}${suffix} (${percent} %)`;
}
