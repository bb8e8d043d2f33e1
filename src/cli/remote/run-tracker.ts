import type { Status } from "../../rpc/generated/installer.js";
import { isSameRun, type RunMoment } from "./same-run.ts";

/** Knows how far we have read, across lost connections and restarts of the installer. */
export class RunTracker {
  #moment: RunMoment | undefined;
  #sequence = 0;

  /** The newest event that was read of the present run; 0: none. */
  get sequence(): number {
    return this.#sequence;
  }

  /**
   * Takes note of a status that arrived at `localMs` by our monotonic clock; true when it is of another run than
   * before, whose numbers start over.
   */
  observe(status: Status, localMs: number): boolean {
    const { sequence, at, startedUnixMs } = status;
    const moment = { sequence, at, startedUnixMs, localMs };
    const isNew = this.#moment !== undefined && !isSameRun(this.#moment, moment);
    this.#moment = moment;
    if (isNew) this.#sequence = 0;
    return isNew;
  }

  /** An event was read. */
  advance(sequence: number): void {
    this.#sequence = Math.max(this.#sequence, sequence);
  }
}
