import { setImmediate as nextTurn } from "node:timers/promises";

/** How long one turn of the event loop may be spent on short synchronous calls. */
const TURN_MS = 8;

/** Calls between two looks at the clock, which takes as long as a call where the clock is a device. */
const CALLS_PER_LOOK = 16;

/**
 * Lets long runs of short synchronous system calls share the event loop with everything else.
 *
 * A metadata call takes 2-5 µs synchronously and about ten times that through libuv's thread pool, which decides how
 * long unpacking 100 000 inodes takes; but a loop of them would never let the status page or the network have a turn.
 */
export class EventLoopShare {
  #turnStartedMs = performance.now();
  #callsUntilLook = CALLS_PER_LOOK;

  /** Runs `operation` synchronously, after a pause for others when this turn has lasted long enough. */
  async run<T>(operation: () => T): Promise<T> {
    this.#callsUntilLook -= 1;
    if (this.#callsUntilLook <= 0) await this.#look();
    return operation();
  }

  async #look(): Promise<void> {
    this.#callsUntilLook = CALLS_PER_LOOK;
    if (performance.now() - this.#turnStartedMs <= TURN_MS) return;
    await nextTurn();
    this.#turnStartedMs = performance.now();
  }
}
