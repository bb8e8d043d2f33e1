import type { Logger } from "../../core/logger.ts";

/** What a dry run did not do, as it is logged. */
export class SkippedChanges {
  readonly #log: Logger;
  readonly #descriptions: string[] = [];

  constructor(log: Logger) {
    this.#log = log;
  }

  /** A change that an operator would ask about: a program, a mount, the clock. */
  skip(description: string): void {
    this.#descriptions.push(description);
    this.#log.debug(0, `dry run: skipping: ${description}`);
  }

  /** A change to one file; there may be very many. */
  skipFile(description: string): void {
    this.#descriptions.push(description);
    this.#log.debug(3, `dry run: skipping: ${description}`);
  }

  /** Everything that was skipped, in order. */
  list(): readonly string[] {
    return [...this.#descriptions];
  }
}
