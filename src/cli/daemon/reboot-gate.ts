/**
 * Holds the final reboot back, or hurries it: SIGTSTP and a remote `hold` block, SIGCONT and `release` let go, as often
 * as the operator likes (the original listens to each signal once only).
 */
export class RebootGate {
  #isBlocked = false;
  #waiters: (() => void)[] = [];
  readonly #hurry = new AbortController();

  get isBlocked(): boolean {
    return this.#isBlocked;
  }

  /** Aborted when nothing more is to be waited for. */
  get hurried(): AbortSignal {
    return this.#hurry.signal;
  }

  block(): void {
    this.#isBlocked = true;
  }

  unblock(): void {
    this.#isBlocked = false;
    const waiters = this.#waiters;
    this.#waiters = [];
    for (const wake of waiters) wake();
  }

  /** Ends every wait, also that for the release of a hold. */
  hurry(): void {
    this.#hurry.abort();
    this.unblock();
  }

  /** Resolves at once when open, else with the next `unblock`. */
  async passed(): Promise<void> {
    while (this.#isBlocked) {
      await new Promise<void>((resolve) => {
        this.#waiters.push(resolve);
      });
    }
  }
}
