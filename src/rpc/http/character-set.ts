/** Which characters may stand at a place. */
export interface CharacterSet {
  has(codePoint: number): boolean;
}

/** Answers are remembered for these; logs are mostly ASCII. */
const REMEMBERED = 256;

/** The set that `source`, an atom of a JavaScript expression that takes exactly one character, stands for. */
export function characterSet(source: string): CharacterSet {
  const expression = new RegExp(`^${source}$`, "u");
  const test = (codePoint: number): boolean => expression.test(String.fromCodePoint(codePoint));
  const answers = new Uint8Array(REMEMBERED);
  return {
    has(codePoint) {
      if (codePoint >= REMEMBERED) return test(codePoint);
      // 0: not asked yet, 1: no, 2: yes.
      if (answers[codePoint] === 0) answers[codePoint] = test(codePoint) ? 2 : 1;
      return answers[codePoint] === 2;
    },
  };
}
