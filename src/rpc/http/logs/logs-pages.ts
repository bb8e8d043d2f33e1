import { ExpressionError } from "../../../images/re2-expression.ts";
import type { OwnProcess } from "../../../system/own-process.ts";
import type { Clock } from "../../../system/power.ts";
import { type Answer, HTML, TEXT, textAnswer } from "../answer.ts";
import { ExpressionTooLargeError } from "../expression-parts.ts";
import { LogFilter } from "../log-filters.ts";
import { escapeHtml } from "../page/escape-html.ts";
import { fromMatch, recentLines, resumed, reversed, shownLines } from "./line-selection.ts";
import { filterLines, joinLines } from "./log-lines.ts";
import { type LogQuery, parseLogQuery, parseTimeSpan } from "./log-query.ts";
import type { LogStore } from "./log-store.ts";
import { StackTracePage } from "./stack-trace.ts";
import { Turns } from "./turns.ts";

export interface LogsPagesOptions {
  readonly store: LogStore;
  readonly clock: Pick<Clock, "monotonicMs">;
  readonly ownProcess: Pick<OwnProcess, "activeResources" | "stack">;
}

/** A line that tells of the end of a process, as the original or we would have written it. */
const PANIC = /^(?:\[ *\d+\.\d{3}\] )?(?:panic: |uncaught exception)/;

/** `/logs` and everything below (spec/metrics.md section 3). */
export class LogsPages {
  readonly #options: LogsPagesOptions;
  readonly #stackTrace: StackTracePage;
  readonly #turns: Turns;

  constructor(options: LogsPagesOptions) {
    this.#options = options;
    this.#stackTrace = new StackTracePage(options.ownProcess, options.clock);
    this.#turns = new Turns(() => options.clock.monotonicMs());
  }

  /** Undefined for a path that is none of these. `query` is what follows the question mark, undecoded. */
  async answer(path: string, query: string): Promise<Answer | undefined> {
    const parsed = parseLogQuery(query);
    switch (path) {
      case "/logs":
        return this.#list(parsed);
      case "/logs/dump":
        return this.#dump(parsed);
      case "/logs/showLast":
        return this.#showLast(parsed);
      case "/logs/showSinceStartup":
        return this.#showSinceStart(parsed);
      case "/logs/showPreviousPanic":
        return this.#showPreviousPanic();
      case "/logs/showStackTrace":
        return this.#stackTrace.answer();
      default:
        return undefined;
    }
  }

  async #list({ flags, values }: LogQuery): Promise<Answer> {
    const names = await this.#options.store.names();
    const sorted = flags.has("recentFirst") ? names.toReversed() : names;
    if (values.get("output") === "text") return textAnswer(200, sorted.map((name) => `${name}\n`).join(""));
    return { statusCode: 200, type: HTML, headerKind: "page", body: renderList(sorted) };
  }

  async #dump(query: LogQuery): Promise<Answer> {
    const name = query.values.get("name");
    if (name === undefined || name === "") return textAnswer(400, "name of the log file missing\n");
    return this.#withFilter(query, async (filter) => {
      const lines = await this.#options.store.lines(name, query.flags.has("recentFirst"));
      if (lines === undefined) return textAnswer(404, "no such log file\n");
      return streamed(TEXT, joinLines(this.#filtered(shownLines(lines, query), filter)));
    });
  }

  async #showLast(query: LogQuery): Promise<Answer> {
    const spans = [...query.flags].map(parseTimeSpan).filter((span) => span !== undefined);
    const [spanMs] = spans;
    if (spanMs === undefined) return textAnswer(400, "time span missing: write ?10m (units s m h d w M y)\n");
    return this.#withFilter(query, async (filter) => {
      const { store, clock } = this.#options;
      const sinceMs = clock.monotonicMs() - spanMs;
      const recent = recentLines(await store.linesSinceStart(false), sinceMs);
      const lines = query.flags.has("recentFirst") ? reversed(recent) : recent;
      return streamed(HTML, inPage(joinLines(this.#filtered(lines, filter), escapeHtml)));
    });
  }

  async #showSinceStart(query: LogQuery): Promise<Answer> {
    return this.#withFilter(query, async (filter) => {
      const lines = await this.#options.store.linesSinceStart(query.flags.has("recentFirst"));
      return streamed(TEXT, joinLines(this.#filtered(shownLines(lines, query), filter)));
    });
  }

  async #showPreviousPanic(): Promise<Answer> {
    const none = textAnswer(200, "Last invocation did not panic!\n");
    const { store } = this.#options;
    const name = await store.previousName();
    const lines = name === undefined ? undefined : await store.lines(name, false);
    if (lines === undefined) return none;
    const panic = fromMatch(lines, PANIC);
    const first = await panic.next();
    return first.done === true ? none : streamed(TEXT, joinLines(resumed(first.value, panic)));
  }

  #filtered(lines: AsyncIterable<string>, filter: LogFilter): AsyncIterable<string> {
    return filterLines(lines, filter, async () => this.#turns.pause());
  }

  async #withFilter(query: LogQuery, answer: (filter: LogFilter) => Promise<Answer>): Promise<Answer> {
    try {
      return await answer(new LogFilter(query.includes, query.excludes));
    } catch (error) {
      if (error instanceof ExpressionError || error instanceof ExpressionTooLargeError)
        return textAnswer(400, `${error.message}\n`);
      throw error;
    }
  }
}

function streamed(type: string, body: AsyncIterable<string>): Answer {
  return { statusCode: 200, type, headerKind: "page", body };
}

function renderList(names: readonly string[]): string {
  const items = ["latest", ...names].map(
    (name) => `<li><a href="logs/dump?name=${encodeURIComponent(name)}">${escapeHtml(name)}</a></li>`,
  );
  return `<!DOCTYPE html>
<html lang="en"><head><meta charset="utf-8"><title>log files</title></head><body><h1>Log files</h1>
<ul>${items.join("\n")}</ul>
<p><a href="logs/showSinceStartup">since the start</a>, <a href="logs/showLast?10m">last 10 minutes</a>,
<a href="logs/showPreviousPanic">end of the process before</a>, <a href="logs/showStackTrace">stack trace</a></p>
</body></html>
`;
}

async function* inPage(text: AsyncIterable<string>): AsyncGenerator<string> {
  yield "<body><pre>\n";
  yield* text;
  yield "</pre></body>\n";
}
