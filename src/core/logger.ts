/** Values beside a message; never a Secret (it would print as `[secret]` anyway). */
export type LogFields = Readonly<Record<string, unknown>>;

/**
 * Where messages go. Messages read as an operator of the original would expect them (spec/lifecycle.md section 3).
 *
 * `debug` takes the original's level: 0 commands and steps, 1 found things, 2 skipped things, 3 command output; it is
 * shown when the level is at most `-logDebugLevel`.
 */
export interface Logger {
  error(message: string, fields?: LogFields): void;
  warn(message: string, fields?: LogFields): void;
  info(message: string, fields?: LogFields): void;
  debug(level: 0 | 1 | 2 | 3, message: string, fields?: LogFields): void;
}

/** Drops everything; for callers that have no log, and for tests. */
export const silentLogger: Logger = {
  error: () => undefined,
  warn: () => undefined,
  info: () => undefined,
  debug: () => undefined,
};
