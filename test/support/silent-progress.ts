import type { ProgressReporter } from "../../src/engine/progress.ts";

const nothing = (): undefined => undefined;

/** Progress that nobody watches. */
export const silentProgress: ProgressReporter = {
  start: nothing,
  advance: nothing,
  note: nothing,
  waitFor: () => ({ [Symbol.dispose]: nothing }),
};
