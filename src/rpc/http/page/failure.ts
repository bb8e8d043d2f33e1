import type { RunStatus } from "../../../engine/status.ts";
import { escapeHtml } from "./escape-html.ts";

/** What went wrong and what to do about it; empty while nothing did. */
export function renderFailure(status: RunStatus): string {
  if (status.outcome !== "failed") return "";
  const step = status.steps.findLast(({ state }) => state === "failed");
  const { code = "", message = status.message, hint = "" } = step?.error ?? {};
  const heading = step === undefined ? "The installation failed" : `“${step.title}” failed`;
  const codeText = code === "" ? "" : ` <span class="code">${escapeHtml(code)}</span>`;
  return `<div class="failure" role="alert">
<h2>${escapeHtml(heading)}${codeText}</h2>
<p class="message">${escapeHtml(message === "" ? "No reason was given." : message)}</p>
<p class="advice"><strong>What to do</strong> ${escapeHtml(adviceFor(hint))}</p>
</div>`;
}

/** Hints are written to stand behind a message. */
function adviceFor(hint: string): string {
  if (hint === "") return "Read the end of the log below, and open a shell on the machine.";
  return `${hint.charAt(0).toUpperCase()}${hint.slice(1)}${/[.!?]$/.test(hint) ? "" : "."}`;
}
