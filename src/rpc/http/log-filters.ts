import { ExpressionTooLargeError } from "./expression-parts.ts";
import { LinearExpression } from "./linear-expression.ts";

/** Longer lines are judged by their beginning. */
const LONGEST_LINE = 2_048;
const MOST_EXPRESSIONS = 16;
/** Of all expressions together. */
const MOST_INSTRUCTIONS = 500;

/** Which lines of a log to show: those that match an `include` (if there is any) and no `exclude`. */
export class LogFilter {
  readonly #includes: readonly LinearExpression[];
  readonly #excludes: readonly LinearExpression[];

  /** Expressions as in Go. Throws ExpressionError with Go's words, or ExpressionTooLargeError, for what cannot be used. */
  constructor(includes: readonly string[], excludes: readonly string[] = []) {
    if (includes.length + excludes.length > MOST_EXPRESSIONS) throw new ExpressionTooLargeError();
    this.#includes = includes.map((expression) => new LinearExpression(expression));
    this.#excludes = excludes.map((expression) => new LinearExpression(expression));
    if (this.#all().reduce((sum, { size }) => sum + size, 0) > MOST_INSTRUCTIONS)
      throw new ExpressionTooLargeError();
  }

  /** How much has been done, see LinearExpression. */
  get work(): number {
    return this.#all().reduce((sum, { work }) => sum + work, 0);
  }

  matches(line: string): boolean {
    const judged = line.slice(0, LONGEST_LINE);
    if (this.#excludes.some((expression) => expression.matches(judged))) return false;
    return this.#includes.length === 0 || this.#includes.some((expression) => expression.matches(judged));
  }

  #all(): readonly LinearExpression[] {
    return [...this.#includes, ...this.#excludes];
  }
}
