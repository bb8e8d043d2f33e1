/** By the middle of the sorted values, or the mean of the two in the middle. Not of nothing. */
export function median(values: readonly number[]): number {
  const sorted = values.toSorted((a, b) => a - b);
  const low = sorted[Math.ceil(sorted.length / 2) - 1];
  const high = sorted[Math.floor(sorted.length / 2)];
  if (low === undefined || high === undefined) throw new RangeError("the median of nothing");
  return (low + high) / 2;
}

/**
 * The confidence interval of the median by order statistics, which supposes nothing of how the values are distributed
 * (the sign test turned round). Unbounded when there are too few values for that confidence.
 */
export function medianInterval(
  values: readonly number[],
  confidence: number,
): { readonly low: number; readonly high: number } {
  const sorted = values.toSorted((a, b) => a - b);
  const tail = (1 - confidence) / 2;
  // The chance that at most `rank` of all values lie below the median.
  let rank = -1;
  let chance = 0.5 ** sorted.length;
  for (let sum = chance; sum <= tail; sum += chance) {
    rank += 1;
    chance *= (sorted.length - rank) / (rank + 1);
  }
  return {
    low: sorted[rank] ?? Number.NEGATIVE_INFINITY,
    high: sorted[sorted.length - 1 - rank] ?? Number.POSITIVE_INFINITY,
  };
}
