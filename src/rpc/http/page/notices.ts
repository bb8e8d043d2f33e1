import type { HandOverState, Notice } from "../../../engine/facts.ts";
import type { Snapshot } from "../../../engine/snapshot.ts";
import { escapeHtml } from "./escape-html.ts";
import { formatRunning } from "./format.ts";

/** What happens next with the machine, and what an operator should know for as long as it holds. */
export function renderNotices({ status, at }: Snapshot): string {
  const { handOver, notices } = status;
  const lines = [
    ...(handOver === undefined ? [] : [renderHandOver(handOver, at)]),
    ...notices.map(renderNotice),
  ];
  return lines.length === 0 ? "" : `<ul class="notices" aria-label="Notices">${lines.join("\n")}</ul>`;
}

function renderNotice({ id, severity, text }: Notice): string {
  const word = severity === "warning" ? "Warning" : "Note";
  return `<li class="${severity === "warning" ? "warning" : "info"}" data-notice="${escapeHtml(id)}"><strong>${word}</strong> ${escapeHtml(text)}</li>`;
}

function renderHandOver(state: HandOverState, at: number): string {
  const left =
    state.until === undefined ? "" : ` in <b class="countdown">${formatRunning(state.until - at)}</b>`;
  const into = state.rebooter === "kexec" ? " into the new system (kexec)" : "";
  return `<li class="hand-over"><strong>Next</strong> ${HAND_OVER_TEXTS[state.phase](left, into)}</li>`;
}

const HAND_OVER_TEXTS: Readonly<Record<HandOverState["phase"], (left: string, into: string) => string>> = {
  waiting: (left, into) => `The machine restarts${into}${left}.`,
  "waiting-for-shells": (left, into) =>
    `The machine restarts${into} when the remote shells have ended, at the latest${left}.`,
  held: (_, into) => `The restart${into} is held back until somebody releases it.`,
  restarting: (_, into) => `The machine restarts${into} now.`,
};
