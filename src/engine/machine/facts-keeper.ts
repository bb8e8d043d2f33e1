import type { Clock } from "../../system/power.ts";

export interface FactsKeeperOptions<T> {
  /** Reads anew. A rejection keeps what is known. */
  readonly read: () => Promise<T>;
  /** What is shown until the first reading is done. */
  readonly initial: T;
  readonly clock: Pick<Clock, "monotonicMs">;
  /** How old facts may be before they are read anew. Default 2 s. */
  readonly maximumAgeMs?: number;
}

const DEFAULT_MAXIMUM_AGE_MS = 2_000;

/**
 * Facts about the machine for pages: read only while somebody asks and at most every two seconds, and nobody who asks ever
 * waits for them, since a dying drive may take minutes to say its name.
 */
export class FactsKeeper<T> {
  readonly #options: FactsKeeperOptions<T>;
  #facts: T;
  #readAtMs: number | undefined;
  #reading: Promise<void> | undefined;

  constructor(options: FactsKeeperOptions<T>) {
    this.#options = options;
    this.#facts = options.initial;
  }

  /** What is known; starts a reading when that is old. */
  current(): T {
    const { clock, maximumAgeMs = DEFAULT_MAXIMUM_AGE_MS } = this.#options;
    const isOld = this.#readAtMs === undefined || clock.monotonicMs() - this.#readAtMs >= maximumAgeMs;
    if (isOld) void this.refresh();
    return this.#facts;
  }

  /** Reads now, or joins the reading that goes on; never rejects. */
  async refresh(): Promise<void> {
    this.#reading ??= this.#read().finally(() => {
      this.#reading = undefined;
    });
    await this.#reading;
  }

  async #read(): Promise<void> {
    try {
      this.#facts = await this.#options.read();
    } catch {
      // What was known stays.
    }
    this.#readAtMs = this.#options.clock.monotonicMs();
  }
}
