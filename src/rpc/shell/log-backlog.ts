/** Log entries on their way to somebody who may be slow: bounded, and never in the way of whoever logs. */
export class LogBacklog {
  readonly #limitBytes: number;
  readonly #onOverflow: () => void;
  readonly #entries: Buffer[] = [];
  #bytes = 0;
  #isClosed = false;
  #wake: () => void = () => undefined;

  /** `onOverflow` is called once, when more than `limitBytes` would wait; the backlog is closed then. */
  constructor(limitBytes: number, onOverflow: () => void) {
    this.#limitBytes = limitBytes;
    this.#onOverflow = onOverflow;
  }

  /** Does nothing when closed. */
  push(entry: Buffer): void {
    if (this.#isClosed) return;
    this.#entries.push(entry);
    this.#bytes += entry.length;
    if (this.#bytes > this.#limitBytes) {
      this.close();
      this.#onOverflow();
    }
    this.#wake();
  }

  /** Forgets what waits. */
  close(): void {
    this.#isClosed = true;
    this.#entries.length = 0;
    this.#wake();
  }

  /** The oldest entry, as soon as there is one; undefined when closed. One call at a time. */
  async next(): Promise<Buffer | undefined> {
    if (this.#entries.length === 0 && !this.#isClosed)
      await new Promise<void>((resolve) => {
        this.#wake = resolve;
      });
    const entry = this.#entries.shift();
    this.#bytes -= entry?.length ?? 0;
    return entry;
  }
}
