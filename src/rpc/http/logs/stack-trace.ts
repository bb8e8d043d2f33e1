import type { OwnProcess } from "../../../system/own-process.ts";
import type { Clock } from "../../../system/power.ts";
import { type Answer, textAnswer } from "../answer.ts";

const SHORTEST_PAUSE_MS = 2_000;

/** `/logs/showStackTrace`: there is one thread; what it waits for says more than where it is. */
export class StackTracePage {
  readonly #ownProcess: Pick<OwnProcess, "activeResources" | "stack">;
  readonly #clock: Pick<Clock, "monotonicMs">;
  #lastMs = Number.NEGATIVE_INFINITY;

  constructor(ownProcess: Pick<OwnProcess, "activeResources" | "stack">, clock: Pick<Clock, "monotonicMs">) {
    this.#ownProcess = ownProcess;
    this.#clock = clock;
  }

  /** `Too soon` within two seconds, as the original. */
  answer(): Answer {
    const now = this.#clock.monotonicMs();
    if (now - this.#lastMs < SHORTEST_PAUSE_MS) return textAnswer(200, "Too soon\n");
    this.#lastMs = now;
    const counts = new Map<string, number>();
    for (const kind of this.#ownProcess.activeResources()) counts.set(kind, (counts.get(kind) ?? 0) + 1);
    const waiting = [...counts]
      .toSorted(([left], [right]) => (left < right ? -1 : 1))
      .map(([kind, count]) => `${String(count).padStart(6)} ${kind}\n`);
    return textAnswer(200, `main thread:\n${this.#ownProcess.stack()}\n\nactive:\n${waiting.join("")}`);
  }
}
