import { formatSeconds } from "../../core/duration.ts";
import {
  type HandOver,
  HandOverPhase,
  NoticeSeverity,
  Outcome,
  type Status,
} from "../../rpc/generated/installer.js";
import { printableLine } from "./printable.ts";
import { formatElapsed } from "./step-text.ts";

/** How a line is meant; how that looks is up to the screen. */
export type Tone = "normal" | "good" | "bad" | "strong" | "faint";

/** A line of a view. */
export interface ViewLine {
  readonly text: string;
  readonly tone: Tone;
}

/** Who it is and how it goes: `host7 (10.0.0.7:6978): installing for 2m13s`. */
export function formatHeadline(status: Status, address: string, nowMs: number): ViewLine {
  const name = status.hostname === "" ? address : `${status.hostname} (${address})`;
  return { text: printableLine(`${name}: ${outcomeText(status, nowMs)}`), tone: outcomeTone(status.outcome) };
}

function outcomeText(status: Status, nowMs: number): string {
  switch (status.outcome) {
    case Outcome.OUTCOME_SUCCEEDED:
      return `installed in ${formatElapsed(endOf(status))}`;
    case Outcome.OUTCOME_FAILED:
      return `failed after ${formatElapsed(endOf(status))}`;
    default:
      return `installing for ${formatElapsed(nowMs)}`;
  }
}

/** When the last step ended. */
function endOf({ steps, at }: Status): number {
  const ends = steps.map(({ endedAt }) => endedAt ?? 0).filter((end) => end > 0);
  return ends.length === 0 ? at : Math.max(...ends);
}

function outcomeTone(outcome: Outcome): Tone {
  if (outcome === Outcome.OUTCOME_SUCCEEDED) return "good";
  return outcome === Outcome.OUTCOME_FAILED ? "bad" : "strong";
}

/** What somebody who looks should know first: failure with advice, stall, restart, notices. `nowMs` by its clock. */
export function formatAlerts(status: Status, nowMs: number): readonly ViewLine[] {
  const lines: ViewLine[] = [];
  if (status.outcome === Outcome.OUTCOME_FAILED) lines.push(...formatFailure(status));
  const { stall, handOver, notices } = status;
  if (stall !== undefined) {
    const silence = formatSeconds(Math.max(0, Math.floor((nowMs - stall.since) / 1000)));
    lines.push({ text: `nothing has moved for ${silence}: waiting for ${stall.waitingFor}`, tone: "bad" });
  }
  if (handOver !== undefined) lines.push({ text: formatHandOver(handOver, nowMs), tone: "strong" });
  for (const { severity, text } of notices)
    lines.push({ text, tone: severity === NoticeSeverity.SEVERITY_WARNING ? "bad" : "normal" });
  return lines.map(({ text, tone }) => ({ text: printableLine(text), tone }));
}

function formatFailure({ message, steps }: Status): readonly ViewLine[] {
  const problem = steps.findLast((step) => step.problem !== undefined)?.problem;
  const lines: ViewLine[] = [{ text: message === "" ? (problem?.message ?? "") : message, tone: "bad" }];
  if (problem === undefined) return lines;
  if (problem.hint !== "") lines.push({ text: `hint: ${problem.hint}`, tone: "strong" });
  return [...lines, { text: `code: ${problem.code}`, tone: "faint" }];
}

/** What happens after the installation, and when. */
export function formatHandOver({ phase, rebooter, until }: HandOver, nowMs: number): string {
  const how = `the machine ${rebooter === "kexec" ? "starts the new system by kexec" : "restarts"}`;
  switch (phase) {
    case HandOverPhase.PHASE_WAITING_FOR_SHELLS:
      return `${how} when the remote shells are closed${formatUntil(until, nowMs, ", at the latest ")}`;
    case HandOverPhase.PHASE_HELD:
      return "the restart is held back; `installer control HOST release` lets it go on";
    case HandOverPhase.PHASE_RESTARTING:
      return `${how} now`;
    default:
      return `${how}${formatUntil(until, nowMs, " ")}`;
  }
}

function formatUntil(until: number | undefined, nowMs: number, before: string): string {
  if (until === undefined) return "";
  return `${before}in ${formatSeconds(Math.max(0, Math.ceil((until - nowMs) / 1000)))}`;
}
