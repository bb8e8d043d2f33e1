import { type LogEntry, LogLevel, type Status, type Step, StepState } from "../../rpc/generated/installer.js";
import type { TerminalSize } from "../../system/terminals.ts";
import { printableLine } from "./printable.ts";
import { formatAlerts, formatHeadline, type Tone, type ViewLine } from "./status-text.ts";
import { formatBar, formatElapsed, formatProgress, shareOf, stepDurationMs } from "./step-text.ts";

/** What the live view of a machine shows. */
export interface WatchView {
  /** As the operator knows the machine. */
  readonly address: string;
  /** Undefined before the first answer. */
  readonly status: Status | undefined;
  /** Oldest first. */
  readonly logs: readonly LogEntry[];
  /** Milliseconds since `status` arrived. */
  readonly ageMs: number;
  /** Why there is no connection; undefined: there is one. */
  readonly waiting?: string;
}

/** A shorter bar says nothing, a longer one no more. */
const SHORTEST_BAR = 10;
const LONGEST_BAR = 24;
const LONGEST_TITLE = 38;
/** With fewer lines for steps and log together, the log is left out. */
const LEAST_FOR_LOG = 8;
/** Of what steps and log share, the log has at least this part. */
const LOG_SHARE = 0.3;
const EMPTY: ViewLine = { text: "", tone: "normal" };

/** The live view: never more lines than `rows`, none longer than `columns`; the last line is at the bottom. */
export function renderWatch(view: WatchView, { columns, rows }: TerminalSize): readonly ViewLine[] {
  const head = headOf(view)
    .flatMap((line) => wrap(line, columns))
    .slice(0, Math.max(1, rows - 2));
  const foot: readonly ViewLine[] = rows < 4 ? [] : [{ text: footText(view), tone: "faint" }];
  const room = Math.max(0, rows - head.length - foot.length);
  const body = renderBody(view, columns, room);
  const padding = Array.from({ length: foot.length === 0 ? 0 : room - body.length }, () => EMPTY);
  return [...head, ...body, ...padding, ...foot].map(({ text, tone }) => ({
    text: cut(text, columns),
    tone,
  }));
}

/** Steps, and below them as much of the log as there is room for. */
function renderBody(view: WatchView, columns: number, room: number): readonly ViewLine[] {
  const steps = view.status?.steps ?? [];
  const nowMs = machineNow(view);
  if (room < LEAST_FOR_LOG) return renderSteps(steps, nowMs, columns, room);
  const logRows = Math.max(Math.floor(room * LOG_SHARE), room - steps.length - 1);
  const shownSteps = renderSteps(steps, nowMs, columns, room - logRows - 1);
  const log = view.logs.slice(-logRows).flatMap(entryLines).slice(-logRows);
  return [...shownSteps, EMPTY, ...log];
}

function headOf(view: WatchView): readonly ViewLine[] {
  const { address, status, waiting } = view;
  const lost: readonly ViewLine[] =
    waiting === undefined ? [] : [{ text: printableLine(`no connection: ${waiting}`), tone: "bad" }];
  if (status === undefined) return [{ text: `${address}: waiting for the machine`, tone: "strong" }, ...lost];
  const nowMs = machineNow(view);
  return [formatHeadline(status, address, nowMs), ...lost, ...formatAlerts(status, nowMs)];
}

function footText({ status }: WatchView): string {
  const count = status?.sessions.length ?? 0;
  const shells = count === 0 ? "" : ` | ${count} remote ${count === 1 ? "shell" : "shells"} open`;
  return `q: leave, the installation goes on${shells}`;
}

/** The clock of the machine now, as far as we know. */
function machineNow({ status, ageMs }: WatchView): number {
  return (status?.at ?? 0) + ageMs;
}

/** The newest steps; those for which there is no room become one line. */
function renderSteps(
  steps: readonly Step[],
  nowMs: number,
  columns: number,
  rows: number,
): readonly ViewLine[] {
  if (rows <= 0) return [];
  const shown = steps.length <= rows ? steps : steps.slice(steps.length - Math.max(1, rows - 1));
  const titleWidth = Math.min(LONGEST_TITLE, Math.max(0, ...shown.map(({ title }) => title.length)));
  const lines = shown.map((step) => renderStep(step, nowMs, titleWidth, columns));
  const hidden = steps.length - shown.length;
  if (hidden === 0 || rows < 2) return lines;
  return [{ text: ` ...  ${hidden} earlier steps`, tone: "faint" }, ...lines];
}

/** `done  Fetch the configuration  1.2s`, ` 35%  Download  [==>   ] 123 MiB of 350 MiB ...`. */
export function renderStep(step: Step, nowMs: number, titleWidth: number, columns: number): ViewLine {
  const title = printableLine(step.title).padEnd(titleWidth);
  const duration = formatElapsed(stepDurationMs(step, nowMs));
  if (step.state !== StepState.STEP_STATE_RUNNING) {
    const isFailed = step.state === StepState.STEP_STATE_FAILED;
    return { text: `${isFailed ? "FAIL" : "done"}  ${title}  ${duration}`, tone: isFailed ? "bad" : "good" };
  }
  const share = shareOf(step);
  const mark = share === undefined ? " >> " : `${String(Math.floor(share * 100)).padStart(3)}%`;
  const start = `${mark}  ${title}  `;
  const progress = formatProgress(step);
  const end = progress === "" ? duration : progress;
  const room = Math.min(LONGEST_BAR, columns - start.length - end.length - 2);
  const bar = share === undefined || room < SHORTEST_BAR ? "" : `${formatBar(share, room)}  `;
  return { text: `${start}${bar}${end}`, tone: "strong" };
}

function entryLines({ line, level }: LogEntry): readonly ViewLine[] {
  const tone = toneOf(level);
  return line.split("\n").map((text) => ({ text: printableLine(text), tone }));
}

function toneOf(level: LogLevel): Tone {
  if (level === LogLevel.LOG_LEVEL_ERROR || level === LogLevel.LOG_LEVEL_WARN) return "bad";
  return level === LogLevel.LOG_LEVEL_DEBUG ? "faint" : "normal";
}

/** By code points, so that none is cut in two; the screen clips what is wider than it has characters. */
function cut(text: string, columns: number): string {
  const characters = Array.from(text);
  return characters.length <= columns ? text : characters.slice(0, columns).join("");
}

/** At blanks where there are any. */
function wrap({ text, tone }: ViewLine, columns: number): readonly ViewLine[] {
  const lines: ViewLine[] = [];
  let rest = text;
  while (rest.length > columns && columns > 0) {
    const blank = rest.lastIndexOf(" ", columns);
    const length = blank > 0 ? blank : columns;
    lines.push({ text: rest.slice(0, length), tone });
    rest = rest.slice(length).trimStart();
  }
  return [...lines, { text: rest, tone }];
}
