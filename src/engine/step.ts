import type { Logger } from "../core/logger.ts";
import type { Host } from "../system/host.ts";
import type { ProgressReporter } from "./progress.ts";

/**
 * One step of a procedure: typed input, typed output, one module. `src/steps/install.ts` strings them together as
 * ordinary typed code, so a wrong order does not compile.
 */
export interface Step<Input, Output> {
  readonly id: string;
  /** Imperative, for people: "Partition the drives". */
  readonly title: string;
  /** True when the step changes a drive. */
  readonly destructive: boolean;
  run(input: Input, context: StepContext): Promise<Output>;
}

export interface StepContext {
  readonly host: Host;
  readonly log: Logger;
  readonly progress: ProgressReporter;
  readonly signal: AbortSignal;
  /** Undone last-first when the procedure ends, however it ends. */
  readonly cleanup: AsyncDisposableStack;
}

export type RunStep = <Input, Output>(step: Step<Input, Output>, input: Input) => Promise<Output>;
