/**
 * The word of `words` that `word` is most likely a misspelling of: at most one mistake in three characters (a letter
 * added, left out, replaced, or two swapped) or its end left out, whatever the case. Undefined when none is that near.
 */
export function findNearestWord(word: string, words: readonly string[]): string | undefined {
  const wanted = word.toLowerCase().slice(0, MAXIMUM_LENGTH);
  let nearest: string | undefined;
  let fewest = Math.max(1, Math.floor(wanted.length / 3)) + 1;
  for (const candidate of words) {
    const other = candidate.toLowerCase();
    const isBeginning = wanted.length >= SHORTEST_BEGINNING && other.startsWith(wanted);
    const mistakes = isBeginning ? 1 : countMistakes(wanted, other);
    if (mistakes >= fewest) continue;
    fewest = mistakes;
    nearest = candidate;
  }
  return nearest;
}

/** Longer words are not compared to their end: the work grows with the product of both lengths. */
const MAXIMUM_LENGTH = 64;
const SHORTEST_BEGINNING = 4;

/** Optimal string alignment distance: Levenshtein's with swaps of neighbours. */
function countMistakes(left: string, right: string): number {
  const rows: number[][] = [Array.from({ length: right.length + 1 }, (_, column) => column)];
  /** Mistakes in the first `row` letters of the one and `column` letters of the other. */
  const known = (row: number, column: number): number => rows[row]?.[column] ?? Number.POSITIVE_INFINITY;
  for (let row = 1; row <= left.length; row++) {
    const current = [row];
    rows.push(current);
    for (let column = 1; column <= right.length; column++) {
      const isSame = left[row - 1] === right[column - 1];
      const isSwapped = left[row - 1] === right[column - 2] && left[row - 2] === right[column - 1];
      current.push(
        Math.min(
          known(row - 1, column) + 1,
          known(row, column - 1) + 1,
          known(row - 1, column - 1) + (isSame ? 0 : 1),
          isSwapped ? known(row - 2, column - 2) + 1 : Number.POSITIVE_INFINITY,
        ),
      );
    }
  }
  return known(left.length, right.length);
}
