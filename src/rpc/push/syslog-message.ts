import type { SequencedEvent } from "../../engine/event-history.ts";
import type { InstallerEvent, LogLevel } from "../../engine/events.ts";
import { formatFields } from "../../engine/log-line.ts";
import { redactText } from "../redaction/redact-text.ts";

/** What messages say about their sender. */
export interface SyslogSender {
  readonly hostname: string;
  readonly processId: number;
}

/** RFC 5424 section 6.2.1. */
const DAEMON_FACILITY = 3;
const SEVERITY = { error: 3, warn: 4, notice: 5, info: 6, debug: 7 } as const;

/**
 * Name of our structured data. There is no registered number of ours; 32473 is the one that RFC 5612 sets aside and which
 * cannot collide with anybody's.
 */
const STRUCTURED_DATA_ID = "installer@32473";

interface Content {
  readonly severity: LogLevel | "notice";
  readonly text: string;
  readonly data: Readonly<Record<string, string>>;
}

/**
 * One event as an RFC 5424 message, at most `limitBytes` long; undefined for events that are not told by syslog (progress
 * and the like). `timeMs` is the moment of the event, milliseconds since 1970.
 */
export function formatSyslogMessage(
  { sequence, event }: SequencedEvent,
  sender: SyslogSender,
  timeMs: number,
  limitBytes: number,
): Buffer | undefined {
  const content = contentOf(event);
  if (content === undefined) return undefined;
  const priority = DAEMON_FACILITY * 8 + SEVERITY[content.severity];
  const header = [
    `<${priority}>1`,
    new Date(timeMs).toISOString(),
    nameOf(sender.hostname, 255),
    "installer",
    nameOf(String(sender.processId), 128),
    event.kind,
  ].join(" ");
  const data = formatData({ sequence: String(sequence), ...content.data });
  // The mark says that the text is UTF-8 (section 6.4).
  return cut(Buffer.from(`${header} ${data} \ufeff${escapeControl(redactText(content.text))}`), limitBytes);
}

function contentOf(event: InstallerEvent): Content | undefined {
  switch (event.kind) {
    case "log":
      return {
        severity: event.level,
        text: `${event.message}${formatFields(event.fields)}`,
        data: stepOf(event),
      };
    case "step-started":
      return { severity: "info", text: `started: ${event.title}`, data: { step: event.id } };
    case "step-ended":
      return {
        severity: "info",
        text: `ended after ${(event.durationMs / 1000).toFixed(3)} s: ${event.id}`,
        data: { step: event.id, durationMs: String(Math.round(event.durationMs)) },
      };
    case "step-failed":
      return {
        severity: "error",
        text: `failed: ${[event.message, event.hint].filter((part) => part !== "").join("; ")}`,
        data: { step: event.id, code: event.code },
      };
    case "run-ended":
      return event.outcome === "failed"
        ? { severity: "error", text: event.message, data: { outcome: event.outcome } }
        : { severity: "notice", text: "installation complete", data: { outcome: event.outcome } };
    default:
      return undefined;
  }
}

function stepOf({ stepId }: { readonly stepId?: string }): Content["data"] {
  return stepId === undefined ? {} : { step: stepId };
}

/** How many events did not reach the log server, as a message of its own. */
export function formatLoss(lost: number, sender: SyslogSender, timeMs: number): Buffer {
  const priority = DAEMON_FACILITY * 8 + SEVERITY.warn;
  const head = `<${priority}>1 ${new Date(timeMs).toISOString()} ${nameOf(sender.hostname, 255)} installer`;
  return Buffer.from(
    `${head} ${nameOf(String(sender.processId), 128)} events-lost ${formatData({ lost: String(lost) })} \ufeff${lost} events were lost`,
  );
}

/** Printable ASCII without blanks, or `-`. */
function nameOf(text: string, length: number): string {
  const printable = text.replace(/[^\x21-\x7e]/g, "").slice(0, length);
  return printable === "" ? "-" : printable;
}

function formatData(data: Readonly<Record<string, string>>): string {
  const parameters = Object.entries(data).map(
    ([name, value]) => ` ${name}="${escapeControl(value.slice(0, 256)).replace(/["\\\]]/g, "\\$&")}"`,
  );
  return `[${STRUCTURED_DATA_ID}${parameters.join("")}]`;
}

/** A line break in a message must not begin a message of somebody else's making, nor a sequence play with a terminal. */
function escapeControl(text: string): string {
  return text.replace(/[\p{Cc}\p{Zl}\p{Zp}]/gu, (character) => {
    const code = character.codePointAt(0) ?? 0;
    return code < 0x100
      ? `\\x${code.toString(16).padStart(2, "0")}`
      : `\\u${code.toString(16).padStart(4, "0")}`;
  });
}

/** At most so many bytes, whole characters. */
function cut(message: Buffer, limitBytes: number): Buffer {
  if (message.length <= limitBytes) return message;
  let end = limitBytes;
  while (end > 0 && ((message[end] ?? 0) & 0xc0) === 0x80) end -= 1;
  return message.subarray(0, end);
}
