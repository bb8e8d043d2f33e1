import type { Logger } from "../../core/logger.ts";

/** `log`, in which a repeated information is a debug message: a server gives the same useless answer each second. */
export function tellOnce(log: Logger): Logger {
  const told = new Set<string>();
  return {
    error: (message, fields) => log.error(message, fields),
    warn: (message, fields) => log.warn(message, fields),
    info: (message, fields) => {
      if (told.has(message)) log.debug(2, message, fields);
      else log.info(message, fields);
      told.add(message);
    },
    debug: (level, message, fields) => log.debug(level, message, fields),
  };
}
