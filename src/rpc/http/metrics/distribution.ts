import type { DistributionValue } from "./metric.ts";

/** 0.1, 0.2, 0.5, 1, … 50000, 100000 (spec/metrics.md section 5.3). */
const LIMITS: readonly number[] = [-1, 0, 1, 2, 3, 4]
  .flatMap((exponent) => [1, 2, 5].map((digit) => Number(`${digit}e${exponent}`)))
  .concat(100_000);

/** How long things took, in milliseconds, by orders of magnitude. */
export class Distribution {
  readonly #counts: number[] = Array.from({ length: LIMITS.length + 1 }, () => 0);
  #min = 0;
  #max = 0;
  #sum = 0;
  #count = 0;

  add(milliseconds: number): void {
    const index = LIMITS.findIndex((limit) => milliseconds < limit);
    const place = index < 0 ? LIMITS.length : index;
    this.#counts[place] = (this.#counts[place] ?? 0) + 1;
    this.#min = this.#count === 0 ? milliseconds : Math.min(this.#min, milliseconds);
    this.#max = this.#count === 0 ? milliseconds : Math.max(this.#max, milliseconds);
    this.#sum += milliseconds;
    this.#count += 1;
  }

  value(): DistributionValue {
    return {
      min: this.#min,
      max: this.#max,
      average: this.#count === 0 ? 0 : this.#sum / this.#count,
      median: this.#median(),
      sum: this.#sum,
      count: this.#count,
      generation: this.#count,
      ranges: this.#counts.map((count, index) => ({ lower: LIMITS[index - 1], upper: LIMITS[index], count })),
    };
  }

  /** As if the samples of a range were spread over it evenly. */
  #median(): number {
    let before = 0;
    for (const [index, count] of this.#counts.entries()) {
      if (count > 0 && before + count >= this.#count / 2) {
        const lower = Math.max(this.#min, LIMITS[index - 1] ?? this.#min);
        const upper = Math.min(this.#max, LIMITS[index] ?? this.#max);
        return lower + ((upper - lower) * (this.#count / 2 - before)) / count;
      }
      before += count;
    }
    return 0;
  }
}
