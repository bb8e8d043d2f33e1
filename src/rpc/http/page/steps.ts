import type { Snapshot } from "../../../engine/snapshot.ts";
import type { StepStatus } from "../../../engine/status.ts";
import { formatStepProgress } from "../../../engine/step-progress-text.ts";
import { escapeHtml } from "./escape-html.ts";
import { formatRunning, formatTook } from "./format.ts";
import { stateIcon } from "./icons.ts";

/** Every step that has started, in order: state, time, how far and how fast, what it waits for. */
export function renderSteps({ status, stall, at }: Snapshot): string {
  // What ended the run stands above in large letters.
  const showsErrors = status.outcome !== "failed";
  const steps = status.steps.map((step) =>
    renderStep(step, { at, isStalled: step.id === stall?.stepId, showsErrors }),
  );
  const list =
    steps.length === 0 ? "<p>No step has started yet.</p>" : `<ol class="steps">${steps.join("\n")}</ol>`;
  return `<h2>Steps</h2>\n${list}`;
}

interface StepView {
  readonly at: number;
  readonly isStalled: boolean;
  readonly showsErrors: boolean;
}

function renderStep(step: StepStatus, { at, isStalled, showsErrors }: StepView): string {
  const state = isStalled ? "stalled" : step.state;
  const took =
    step.endedAt === undefined
      ? formatRunning(at - step.startedAt)
      : formatTook(step.endedAt - step.startedAt);
  const mark = step.destructive ? ' <span class="tag">changes drives</span>' : "";
  return `<li class="step ${state}" data-step="${escapeHtml(step.id)}">${stateIcon(state)}
<span class="title">${escapeHtml(step.title)}${mark}</span>
<span class="state">${state}</span>
<span class="took">${took}</span>
${renderDetails(step, showsErrors)}</li>`;
}

function renderDetails(step: StepStatus, showsErrors: boolean): string {
  const lines = [renderStepBar(step), line("progress", formatStepProgress(step))];
  if (step.state === "running" && step.waitingFor !== undefined)
    lines.push(line("waiting", `waiting for ${step.waitingFor}`));
  if (showsErrors && step.error !== undefined) lines.push(line("error", step.error.message));
  return lines.filter((text) => text !== "").join("\n");
}

function line(className: string, text: string): string {
  return text === "" ? "" : `<span class="detail ${className}">${escapeHtml(text)}</span>`;
}

/** Only while it runs: what is done needs no bar. */
function renderStepBar({ state, title, done, total }: StepStatus): string {
  if (state !== "running" || done === undefined || total === undefined || total <= 0) return "";
  const share = Math.min(1, done / total);
  return `<span class="bar running" role="progressbar" aria-label="${escapeHtml(title)}" aria-valuemin="0" aria-valuemax="100" aria-valuenow="${Math.floor(share * 100)}"><i style="width:${(share * 100).toFixed(1)}%"></i></span>`;
}
