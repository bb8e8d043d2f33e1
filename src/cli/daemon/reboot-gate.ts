/**
 * Holds the final reboot back: SIGTSTP blocks, SIGCONT releases, as often as the operator likes (the original listens to
 * each signal once only).
 */
export class RebootGate {
  #isBlocked = false;
  #waiters: (() => void)[] = [];

  get isBlocked(): boolean {
    return this.#isBlocked;
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

  /** Resolves at once when open, else with the next `unblock`. */
  async passed(): Promise<void> {
    while (this.#isBlocked) {
      await new Promise<void>((resolve) => {
        this.#waiters.push(resolve);
      });
    }
  }
}
