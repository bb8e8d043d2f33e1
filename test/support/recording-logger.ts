import type { Logger } from "../../src/core/logger.ts";

/** A logger that remembers its messages, those of all levels in one list. */
export function createRecordingLogger(): Logger & { readonly messages: readonly string[] } {
  const messages: string[] = [];
  const record = (message: string): void => {
    messages.push(message);
  };
  return { messages, error: record, warn: record, info: record, debug: (_level, message) => record(message) };
}
