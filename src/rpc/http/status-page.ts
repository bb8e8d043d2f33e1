import { formatSeconds } from "../../core/duration.ts";
import type { RunStatus, StepStatus } from "../../engine/status.ts";
import { formatStepProgress } from "../../engine/step-progress-text.ts";

/** What the page shows beside the run itself. */
export interface StatusPageInput {
  readonly status: RunStatus;
  /** Log entries, oldest first. */
  readonly logEntries: readonly string[];
  readonly hostname: string;
  readonly startTime: Date;
  readonly now: Date;
  readonly nowMonotonicMs: number;
  readonly version: string;
  readonly runtime: string;
  /** Resident memory of this process, bytes. */
  readonly memoryBytes: number;
}

/** Seconds between reloads while the run goes on; without script, so that every browser on any console works. */
const RELOAD_SECONDS = 2;

const STYLE = `
body { font: 15px/1.4 system-ui, sans-serif; margin: 1.5rem auto; max-width: 70rem; padding: 0 1rem; color: #1c2430; background: #fff; }
h1 { text-align: center; font-size: 1.4rem; }
table { border-collapse: collapse; }
th, td { text-align: left; padding: .25rem .75rem .25rem 0; vertical-align: top; }
.steps { width: 100%; margin: 1rem 0; }
.steps tr { border-bottom: 1px solid #d9dee5; }
.state { white-space: nowrap; font-weight: 600; }
.running .state { color: #0b57d0; } .done .state { color: #176c2e; } .failed .state { color: #b3261e; }
.failed-box { border-left: 4px solid #b3261e; background: #fceeee; padding: .5rem 1rem; }
progress { width: 12rem; vertical-align: middle; }
pre { background: #f4f6f8; padding: .75rem; overflow-x: auto; font-size: 13px; }
footer { color: #5a6472; font-size: 13px; }
@media (prefers-color-scheme: dark) {
  body { color: #e3e7ec; background: #14181d; } pre { background: #1d232a; } .steps tr { border-color: #333b45; }
  .failed-box { background: #3a1d1b; } .running .state { color: #8ab4f8; } .done .state { color: #81c995; } .failed .state { color: #f28b82; }
}`;

/** The status page `GET /` (spec/lifecycle.md section 6): readable without script, reloads itself while the run goes on. */
export function renderStatusPage(input: StatusPageInput): string {
  const { status } = input;
  const reload =
    status.outcome === "running" ? `<meta http-equiv="refresh" content="${RELOAD_SECONDS}">` : "";
  return `<!DOCTYPE html>
<html lang="en"><head><meta charset="utf-8"><meta name="viewport" content="width=device-width">${reload}
<title>installer status page</title><style>${STYLE}</style></head>
<body><h1>installer status page</h1>
${renderHeader(input)}
<p role="status"><strong>${escapeHtml(formatOutcome(status))}</strong></p>
${renderFailure(status)}
<table class="steps"><thead><tr><th>Step</th><th>State</th><th>Progress</th><th>Time</th></tr></thead><tbody>
${status.steps.map((step) => renderStep(step, input.nowMonotonicMs)).join("\n")}
</tbody></table>
<h2><a href="logs">Logs:</a></h2>
<pre>${escapeHtml(input.logEntries.join("\n"))}</pre>
<hr><footer>Page generated at: ${escapeHtml(input.now.toUTCString())} with ${escapeHtml(input.version)} (${escapeHtml(input.runtime)}) · <a href="api/status">JSON</a></footer>
</body></html>
`;
}

/** Text made safe for HTML content and attribute values. */
export function escapeHtml(text: string): string {
  return text.replace(/[&<>"']/g, (character) => `&#${character.charCodeAt(0)};`);
}

function renderHeader(input: StatusPageInput): string {
  const uptime = formatSeconds(Math.floor(input.nowMonotonicMs / 1000));
  const mebibytes = Math.round(input.memoryBytes / 2 ** 20);
  const rows = [
    [`Start time: ${input.startTime.toUTCString()}`, `Uptime: ${uptime}`],
    [`Hostname: ${input.hostname}`, `Memory: ${mebibytes} MiB`],
  ];
  const cells = rows.map((row) => `<tr>${row.map((cell) => `<td>${escapeHtml(cell)}</td>`).join("")}</tr>`);
  return `<table>${cells.join("")}</table>`;
}

function formatOutcome(status: RunStatus): string {
  const running = status.steps.find((step) => step.state === "running");
  switch (status.outcome) {
    case "running":
      return running === undefined ? "Running" : `Running: ${running.title}`;
    case "succeeded":
      return "Installation complete";
    case "failed":
      return "Installation failed";
  }
}

function renderFailure(status: RunStatus): string {
  if (status.outcome !== "failed") return "";
  const failed = status.steps.find((step) => step.state === "failed");
  const hint = failed?.error?.hint ?? "";
  const code = failed?.error?.code ?? "";
  return `<div class="failed-box" role="alert"><p>${escapeHtml(status.message)}</p>
<p>${escapeHtml([code, hint].filter((part) => part !== "").join(": "))}</p></div>`;
}

function renderStep(step: StepStatus, nowMs: number): string {
  const seconds = ((step.endedAt ?? nowMs) - step.startedAt) / 1000;
  const bar =
    step.state === "running" && step.total !== undefined && step.total > 0
      ? `<progress max="${step.total}" value="${step.done ?? 0}"></progress> `
      : "";
  const detail = step.error?.message ?? formatStepProgress(step);
  return `<tr class="${step.state}"><td>${escapeHtml(step.title)}</td><td class="state">${step.state}</td><td>${bar}${escapeHtml(detail)}</td><td>${seconds.toFixed(1)} s</td></tr>`;
}
