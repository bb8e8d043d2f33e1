import type { SequencedEvent } from "../../../engine/event-history.ts";
import type { InstallerEvent, LogLevel } from "../../../engine/events.ts";
import { formatFields, formatTimestamp } from "../../../engine/log-line.ts";
import { escapeHtml } from "./escape-html.ts";
import { LOG_LEVELS, type LogFilter, parseLogFilter } from "./log-filter.ts";

type LogEvent = Extract<InstallerEvent, { kind: "log" }>;

/** The page shows the end of a longer log; all of it is in the log files. */
const LONGEST_LOG = 512 * 1024;
/** Of one entry, in characters. */
const LONGEST_ENTRY = 4_000;

const LEVEL_WORDS: Readonly<Record<LogLevel, string>> = {
  error: "ERROR ",
  warn: "WARNING ",
  info: "",
  debug: "",
};
const LEVEL_CHOICES: Readonly<Record<LogLevel, string>> = {
  error: "errors",
  warn: "warnings and errors",
  info: "without debugging",
  debug: "everything",
};

const SHOWS_ALL = parseLogFilter(new URLSearchParams());

/**
 * Log entries as lines of HTML, each ending with a newline; those that `filter` does not want are there but hidden, so
 * that a script can show them.
 */
export function renderLogLines(events: readonly SequencedEvent[], filter: LogFilter = SHOWS_ALL): string {
  const lines: string[] = [];
  let length = 0;
  for (const { event } of events.toReversed()) {
    if (event.kind !== "log") continue;
    const line = renderLine(event, filter);
    length += line.length;
    if (length > LONGEST_LOG) break;
    lines.push(line);
  }
  return lines.toReversed().join("");
}

function renderLine(event: LogEvent, filter: LogFilter): string {
  const { level } = event;
  const time = formatTimestamp(event.at);
  const text = cut(`${event.message}${formatFields(event.fields)}`);
  const hidden = filter.matches(level, `${time} ${LEVEL_WORDS[level]}${text}`) ? "" : " hidden";
  const word = LEVEL_WORDS[level] === "" ? "" : `<b>${LEVEL_WORDS[level]}</b>`;
  return `<span class="line ${level}" data-level="${level}"${hidden}><time>${time}</time> ${word}${escapeHtml(text)}\n</span>`;
}

function cut(text: string): string {
  return text.length <= LONGEST_ENTRY ? text : `${text.slice(0, LONGEST_ENTRY)}… (cut)`;
}

/** The log with its filter, which is an ordinary form for browsers without script. */
export function renderLog(events: readonly SequencedEvent[], query: URLSearchParams): string {
  const filter = parseLogFilter(query);
  const options = LOG_LEVELS.map(
    (level) =>
      `<option value="${level}"${level === filter.level ? " selected" : ""}>${LEVEL_CHOICES[level]}</option>`,
  );
  return `<h2><a href="logs">Logs:</a></h2>
<form id="filter" method="get" role="search">
<label>Text or regular expression <input type="search" name="include" maxlength="512" autocomplete="off" spellcheck="false" value="${escapeHtml(filter.include)}"></label>
<label>Show <select name="level">${options.toReversed().join("")}</select></label>
<button type="submit">Filter</button>
<label class="live"><input type="checkbox" id="follow" checked> Follow</label>
<output class="live" id="matches"></output>
</form>
<pre id="log" role="log" aria-live="off" aria-label="Log" tabindex="0">${renderLogLines(events, filter)}</pre>`;
}

/** The number of the newest entry; 0 when there is none. */
export function newestSequence(events: readonly SequencedEvent[]): number {
  return events.at(-1)?.sequence ?? 0;
}
