/** One thing to throw mutated input at. */
export interface FuzzTarget {
  readonly name: string;
  /** Runs `runs` inputs, all of them determined by `seed`; resolves with the first failure, if any. */
  run(options: FuzzOptions): Promise<FuzzFailure | undefined>;
}

export interface FuzzOptions {
  readonly runs: number;
  readonly seed: number;
}

/** Enough to see it again. */
export interface FuzzFailure {
  readonly run: number;
  readonly what: string;
  readonly input: Uint8Array;
}

/** A small seeded generator (mulberry32): the same numbers on every machine. */
export class Random {
  #state: number;

  constructor(seed: number) {
    this.#state = seed >>> 0;
  }

  /** An integer from 0 up to and without `limit`. */
  below(limit: number): number {
    this.#state = (this.#state + 0x6d2b79f5) >>> 0;
    let mixed = this.#state;
    mixed = Math.imul(mixed ^ (mixed >>> 15), mixed | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) % limit;
  }

  pick<T>(items: readonly T[]): T {
    const item = items[this.below(items.length)];
    if (item === undefined) throw new RangeError("nothing to pick from");
    return item;
  }
}
