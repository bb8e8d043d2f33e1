import type { EventListener, InstallerEvent } from "./events.ts";
import { formatLogLine, formatTimestamp } from "./log-line.ts";
import { applyEvent, INITIAL_STATUS, type RunStatus, type StepStatus } from "./status.ts";
import { formatStepProgress } from "./step-progress-text.ts";

/** On a serial console every line costs time and scrolls something useful away. */
const PLAIN_PROGRESS_INTERVAL_MS = 5_000;
const ERASE_LINE = "\r\u001b[K";
const SPINNER = ["-", "\\", "|", "/"] as const;

export interface ConsoleOutput {
  write(text: string): void;
  /** Width of the terminal in columns; undefined when it is not one. */
  columns(): number | undefined;
}

/**
 * Log lines plus, for steps that take long, a progress line every five seconds: for serial consoles and files, where
 * nothing may be overwritten.
 */
export function createPlainConsole(output: ConsoleOutput): EventListener {
  let status: RunStatus = INITIAL_STATUS;
  const printedAt = new Map<string, number>();
  return (event) => {
    status = applyEvent(status, event);
    if (event.kind === "log") output.write(`${formatLogLine(event)}\n`);
    if (event.kind !== "step-progress") return;
    const step = findStep(status, event.id);
    const lastMs = printedAt.get(event.id) ?? step?.startedAt ?? event.at;
    if (step === undefined || event.at - lastMs < PLAIN_PROGRESS_INTERVAL_MS) return;
    printedAt.set(event.id, event.at);
    output.write(`${formatTimestamp(event.at)} ${step.title}: ${formatStepProgress(step)}\n`);
  };
}

/** Log lines scroll above one line at the bottom that always shows what runs now: for a terminal with a person. */
export function createLiveConsole(output: ConsoleOutput): EventListener {
  let status: RunStatus = INITIAL_STATUS;
  let frame = 0;
  let isLineShown = false;
  return (event) => {
    status = applyEvent(status, event);
    const scrolled = scrolledText(event);
    if (scrolled === "" && event.kind !== "step-progress" && event.kind !== "step-started") return;
    frame += 1;
    const line = formatLiveLine(status, SPINNER[frame % SPINNER.length] ?? "-", output.columns() ?? 80);
    output.write(`${isLineShown ? ERASE_LINE : ""}${scrolled}${line}`);
    isLineShown = line !== "";
  };
}

function scrolledText(event: InstallerEvent): string {
  switch (event.kind) {
    case "log":
      return `${formatLogLine(event)}\n`;
    case "run-ended":
      return `${formatTimestamp(event.at)} ${event.outcome}${event.message === "" ? "" : `: ${event.message}`}\n`;
    default:
      return "";
  }
}

/** The bottom line, cut to the width so that it never wraps (a wrapped line could not be erased). */
function formatLiveLine(status: RunStatus, spinner: string, columns: number): string {
  const running = status.steps.filter((step) => step.state === "running").at(-1);
  if (running === undefined || status.outcome !== "running") return "";
  const progress = formatStepProgress(running);
  return `${spinner} ${running.title}${progress === "" ? "" : `: ${progress}`}`.slice(
    0,
    Math.max(0, columns - 1),
  );
}

function findStep(status: RunStatus, id: string): StepStatus | undefined {
  return status.steps.find((step) => step.id === id);
}
