import type { Logger } from "./logger.ts";

/**
 * `log`, with the first `limit` warnings only; later ones are debug messages. For work on something broken, which would
 * repeat itself for each file.
 */
export function sparingLogger(log: Logger, limit: number): Logger {
  let warnings = 0;
  return {
    error: (message, fields) => log.error(message, fields),
    warn: (message, fields) => {
      warnings += 1;
      if (warnings <= limit) log.warn(message, fields);
      else log.debug(2, message, fields);
      if (warnings === limit) log.warn("further warnings of this kind are shown with -logDebugLevel=2 only");
    },
    info: (message, fields) => log.info(message, fields),
    debug: (level, message, fields) => log.debug(level, message, fields),
  };
}
