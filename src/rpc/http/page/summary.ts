import { type OverallProgress, overallProgress } from "../../../engine/overall-progress.ts";
import type { Snapshot } from "../../../engine/snapshot.ts";
import type { RunStatus } from "../../../engine/status.ts";
import { formatStepProgress } from "../../../engine/step-progress-text.ts";
import { escapeHtml } from "./escape-html.ts";
import { formatRunning } from "./format.ts";
import { stateIcon } from "./icons.ts";

/** What the whole run is, in one word that is styled and one that is read. */
export type RunState = "running" | "stalled" | "done" | "failed";

const STATE_WORDS: Readonly<Record<RunState, string>> = {
  running: "Installing",
  stalled: "Stalled",
  done: "Installed",
  failed: "Installation failed",
};

export function runState({ status, stall }: Pick<Snapshot, "status" | "stall">): RunState {
  if (status.outcome === "failed") return "failed";
  if (status.outcome === "succeeded") return "done";
  return stall === undefined ? "running" : "stalled";
}

/** The part that has to be read from the other side of the room: which machine, how far, what it does. */
export function renderSummary(snapshot: Snapshot): string {
  const state = runState(snapshot);
  const progress = overallProgress(snapshot.status);
  return `<div class="summary ${state}">
<p class="host">${escapeHtml(snapshot.hostname === "" ? "unnamed machine" : snapshot.hostname)}</p>
<p class="outcome" role="status">${stateIcon(state)}<span>${STATE_WORDS[state]}</span></p>
<p class="share" aria-hidden="true">${Math.floor(progress.share * 100)}<span>%</span></p>
${renderBar(progress, state)}
<p class="now">${escapeHtml(describeNow(snapshot))}</p>
<p class="times">${escapeHtml(describeTimes(snapshot, progress))}</p>
${renderStall(snapshot)}</div>`;
}

function renderBar({ share }: OverallProgress, state: RunState): string {
  const percent = Math.floor(share * 100);
  return `<div class="bar ${state}" role="progressbar" aria-label="Whole installation" aria-valuemin="0" aria-valuemax="100" aria-valuenow="${percent}"><i style="width:${(share * 100).toFixed(1)}%"></i></div>`;
}

function describeNow({ status }: Snapshot): string {
  if (status.outcome === "succeeded") return "The machine is installed";
  const step = status.steps.findLast(({ state }) => state === "failed" || state === "running");
  if (status.outcome === "failed") return step === undefined ? "" : `Failed step: ${step.title}`;
  if (step === undefined) return "Starting";
  const progress = formatStepProgress(step);
  return progress === "" ? step.title : `${step.title}: ${progress}`;
}

function describeTimes(snapshot: Snapshot, { remainingSeconds }: OverallProgress): string {
  const parts = [`${stepCount(snapshot.status)}, ${timeTaken(snapshot)}`];
  // Whoever waits for something that does not come cannot know for how long.
  if (remainingSeconds !== undefined && snapshot.stall === undefined)
    parts.push(`about ${formatRough(remainingSeconds)} left`);
  return parts.join(" · ");
}

function stepCount({ steps }: RunStatus): string {
  const done = steps.filter(({ state }) => state === "done").length;
  return done === 1 ? "1 step done" : `${done} steps done`;
}

/** An estimate to the second would pretend to know. */
function formatRough(seconds: number): string {
  const grain = seconds < 60 ? 5 : seconds < 600 ? 15 : 60;
  return formatRunning(Math.max(1, Math.ceil(seconds / grain)) * grain * 1000);
}

function timeTaken({ status, at }: Snapshot): string {
  const [first] = status.steps;
  if (first === undefined) return `${formatRunning(at)} since the start`;
  if (status.outcome === "running") return `${formatRunning(at - first.startedAt)} so far`;
  const end = Math.max(...status.steps.map(({ endedAt }) => endedAt ?? first.startedAt));
  return `took ${formatRunning(end - first.startedAt)}`;
}

/** Announced once: a reader of the screen need not hear every second that passes. */
function renderStall({ stall, at }: Snapshot): string {
  if (stall === undefined) return "";
  const silence = `<span aria-live="off">${formatRunning(at - stall.since)}</span>`;
  return `<p class="stall" role="alert">Nothing has moved for ${silence}: waiting for ${escapeHtml(stall.waitingFor)}</p>`;
}
