import type { LogLevel } from "../../../engine/events.ts";
import { LinearExpression } from "../linear-expression.ts";

/** From the worst to the least. */
export const LOG_LEVELS: readonly LogLevel[] = ["error", "warn", "info", "debug"];

/** What of the log somebody wants to see. */
export interface LogFilter {
  /** As it was typed; empty: everything. */
  readonly include: string;
  /** This level and worse ones. */
  readonly level: LogLevel;
  matches(level: LogLevel, text: string): boolean;
}

/** Of a line, the part in which is searched. */
const LONGEST_TEXT = 2_000;
const LONGEST_INCLUDE = 512;
/** Some 0.1 s; the lines after that are shown as if they matched. */
const MOST_WORK = 5_000_000;

/**
 * The filter of a query: `include` is a regular expression, or a text when it is none, whatever the case of its letters;
 * `level` one of LOG_LEVELS. What makes no sense filters nothing.
 */
export function parseLogFilter(query: URLSearchParams): LogFilter {
  const include = (query.get("include") ?? "").slice(0, LONGEST_INCLUDE);
  const level = LOG_LEVELS.find((known) => known === query.get("level")) ?? "debug";
  const matchesText = textMatcher(include);
  const severity = LOG_LEVELS.indexOf(level);
  return {
    include,
    level,
    matches: (found, text) => LOG_LEVELS.indexOf(found) <= severity && matchesText(text),
  };
}

function textMatcher(include: string): (text: string) => boolean {
  if (include === "") return () => true;
  const expression = parseExpression(include);
  if (expression === undefined) {
    const wanted = include.toLowerCase();
    return (text) => text.toLowerCase().includes(wanted);
  }
  return (text) => expression.work > MOST_WORK || expression.matches(text.slice(0, LONGEST_TEXT));
}

function parseExpression(include: string): LinearExpression | undefined {
  try {
    return new LinearExpression(`(?i)${include}`);
  } catch {
    // Half an expression is what one sees while it is typed: `[  3.2` is a text to look for.
    return undefined;
  }
}
