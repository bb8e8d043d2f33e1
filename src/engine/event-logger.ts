import type { LogFields, Logger } from "../core/logger.ts";
import type { Clock } from "../system/power.ts";
import type { EventStream, LogLevel } from "./events.ts";

interface EventLoggerOptions {
  readonly events: EventStream;
  readonly clock: Clock;
  /** Highest debug level that is published; -1 for none. */
  readonly debugLevel: number;
  readonly stepId?: string;
}

/** A Logger whose messages become events; the console, the log files and the status page are subscribers. */
export function createEventLogger(options: EventLoggerOptions): Logger {
  const publish = (
    level: LogLevel,
    message: string,
    fields: LogFields | undefined,
    debugLevel?: number,
  ): void => {
    options.events.publish({
      kind: "log",
      at: options.clock.monotonicMs(),
      level,
      message,
      ...(fields === undefined ? {} : { fields }),
      ...(debugLevel === undefined ? {} : { debugLevel }),
      ...(options.stepId === undefined ? {} : { stepId: options.stepId }),
    });
  };
  return {
    error: (message, fields) => publish("error", message, fields),
    warn: (message, fields) => publish("warn", message, fields),
    info: (message, fields) => publish("info", message, fields),
    debug: (level, message, fields) => {
      if (level <= options.debugLevel) publish("debug", message, fields, level);
    },
  };
}
