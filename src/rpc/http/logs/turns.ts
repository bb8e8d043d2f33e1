import { setTimeout as sleep } from "node:timers/promises";

/** Who has worked for some 10 ms waits so long for the next turn: all together take a fifth of a processor. */
const TURN_MS = 50;

/**
 * Hands out turns at work that strangers ask for, one in 50 ms, in the order of asking, so that reading logs never takes
 * the installation's time however many do it.
 */
export class Turns {
  readonly #now: () => number;
  #next = Number.NEGATIVE_INFINITY;

  /** `nowMs` never goes back. */
  constructor(nowMs: () => number) {
    this.#now = nowMs;
  }

  /** Resolves when it is the caller's turn again. */
  async pause(): Promise<void> {
    const now = this.#now();
    this.#next = Math.max(now, this.#next) + TURN_MS;
    await sleep(this.#next - now);
  }
}
