import type { LogFields, Logger } from "./logger.ts";

export interface LogRate {
  /** Entries that may come at once. */
  readonly burst: number;
  readonly perSecond: number;
}

/**
 * `log` for what strangers cause: whoever knocks a thousand times a second must not wash everything else out of the log. What
 * is left out is counted, and told by the next entry that gets through.
 */
export function rateLimitedLogger(log: Logger, { burst, perSecond }: LogRate, nowMs: () => number): Logger {
  let tokens = burst;
  let filledMs = nowMs();
  let leftOut = 0;
  const admit = (): boolean => {
    const now = nowMs();
    tokens = Math.min(burst, tokens + ((now - filledMs) / 1000) * perSecond);
    filledMs = now;
    if (tokens < 1) {
      leftOut += 1;
      return false;
    }
    tokens -= 1;
    if (leftOut > 0) log.info(`${leftOut} messages about connections were left out`);
    leftOut = 0;
    return true;
  };
  const limit =
    (write: (message: string, fields?: LogFields) => void) =>
    (message: string, fields?: LogFields): void => {
      if (admit()) write(message, fields);
    };
  return {
    error: limit((message, fields) => log.error(message, fields)),
    warn: limit((message, fields) => log.warn(message, fields)),
    info: limit((message, fields) => log.info(message, fields)),
    debug: (level, message, fields) => {
      if (admit()) log.debug(level, message, fields);
    },
  };
}
