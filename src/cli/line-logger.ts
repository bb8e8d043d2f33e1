import type { LogFields, Logger } from "../core/logger.ts";
import { formatFields } from "../engine/log-line.ts";

/** The logger of sub-commands: lines without time or level, debug messages up to `debugLevel` (-1: none). */
export function createLineLogger(write: (line: string) => void, debugLevel: number): Logger {
  const log = (message: string, fields?: LogFields) => write(`${message}${formatFields(fields)}\n`);
  return {
    error: log,
    warn: log,
    info: log,
    debug: (level, message, fields) => {
      if (level <= debugLevel) log(message, fields);
    },
  };
}
