/** The right to request an address, until it is ended. */
export interface RequestTurn {
  end(): void;
}

/** Lets one at a time request an address; the others wait, and never ask if they are cancelled meanwhile. */
export class RequestTurns {
  #last: Promise<void> = Promise.resolve();

  /** Resolves when it is this caller's turn, which lasts until it ends it. Rejects when `signal` aborts. */
  async take(signal: AbortSignal): Promise<RequestTurn> {
    const before = this.#last;
    const turn = Promise.withResolvers<void>();
    this.#last = before.then(() => turn.promise);
    const aborted = Promise.withResolvers<never>();
    const abort = (): void => aborted.reject(signal.reason);
    signal.addEventListener("abort", abort, { once: true });
    try {
      signal.throwIfAborted();
      await Promise.race([before, aborted.promise]);
      // Both may have happened: the winner ended its turn and cancelled us in the same breath.
      signal.throwIfAborted();
      return { end: turn.resolve };
    } catch (error) {
      turn.resolve();
      throw error;
    } finally {
      signal.removeEventListener("abort", abort);
    }
  }
}
