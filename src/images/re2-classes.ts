/** First and last code point. */
export type CharacterRange = readonly [number, number];

const LAST_CODE_POINT = 0x10ffff;

/** The ranges, or all other characters, as the inside of a JavaScript class; one character is also an atom by itself. */
export function formatClass(ranges: readonly CharacterRange[], isNegated: boolean): string {
  return (isNegated ? complement(ranges) : ranges)
    .map(([low, high]) => (low === high ? formatEscape(low) : `${formatEscape(low)}-${formatEscape(high)}`))
    .join("");
}

function formatEscape(codePoint: number): string {
  return `\\u{${codePoint.toString(16)}}`;
}

/** `ranges` are in ascending order and do not touch. */
function complement(ranges: readonly CharacterRange[]): CharacterRange[] {
  const gaps: CharacterRange[] = [];
  let next = 0;
  for (const [low, high] of ranges) {
    if (low > next) gaps.push([next, low - 1]);
    next = high + 1;
  }
  if (next <= LAST_CODE_POINT) gaps.push([next, LAST_CODE_POINT]);
  return gaps;
}

const DIGITS: CharacterRange = [0x30, 0x39];
const UPPER: CharacterRange = [0x41, 0x5a];
const LOWER: CharacterRange = [0x61, 0x7a];
const UNDERSCORE: CharacterRange = [0x5f, 0x5f];
const SPACE: CharacterRange = [0x20, 0x20];
const WORD = [DIGITS, UPPER, UNDERSCORE, LOWER];
/** Tab, newline, form feed, carriage return, blank: RE2's `\s` has no vertical tab and nothing beyond ASCII. */
const PERL_SPACE: readonly CharacterRange[] = [[0x09, 0x0a], [0x0c, 0x0d], SPACE];

/** What follows the backslash, as the inside of a class. */
export const PERL_CLASSES: ReadonlyMap<string, string> = new Map([
  ["d", formatClass([DIGITS], false)],
  ["D", formatClass([DIGITS], true)],
  ["s", formatClass(PERL_SPACE, false)],
  ["S", formatClass(PERL_SPACE, true)],
  ["w", formatClass(WORD, false)],
  ["W", formatClass(WORD, true)],
]);

/** `[[:alpha:]]` and the others of RE2's ASCII classes. */
export const NAMED_CLASSES: ReadonlyMap<string, readonly CharacterRange[]> = new Map([
  ["alnum", [DIGITS, UPPER, LOWER]],
  ["alpha", [UPPER, LOWER]],
  ["ascii", [[0x00, 0x7f]]],
  ["blank", [[0x09, 0x09], SPACE]],
  [
    "cntrl",
    [
      [0x00, 0x1f],
      [0x7f, 0x7f],
    ],
  ],
  ["digit", [DIGITS]],
  ["graph", [[0x21, 0x7e]]],
  ["lower", [LOWER]],
  ["print", [[0x20, 0x7e]]],
  [
    "punct",
    [
      [0x21, 0x2f],
      [0x3a, 0x40],
      [0x5b, 0x60],
      [0x7b, 0x7e],
    ],
  ],
  ["space", [[0x09, 0x0d], SPACE]],
  ["upper", [UPPER]],
  ["word", WORD],
  ["xdigit", [DIGITS, [0x41, 0x46], [0x61, 0x66]]],
] as [string, readonly CharacterRange[]][]);
