/** Control characters but for line feed and tab, invisible ones that change how others are shown, line separators. */
const DANGEROUS = /(?![\n\t])[\p{Cc}\p{Cf}\p{Zl}\p{Zp}]/gu;

/**
 * Text from another machine, safe to show on a terminal: what would move the cursor or change the terminal is shown as
 * `\x1b`, `\u202e`. Line feeds and tabs stay.
 */
export function printable(text: string): string {
  return text.replace(DANGEROUS, escaped);
}

/** As `printable`, on one line. */
export function printableLine(text: string): string {
  return printable(text).replaceAll("\n", " ").replaceAll("\t", " ");
}

function escaped(character: string): string {
  const code = character.codePointAt(0) ?? 0;
  if (code < 0x100) return `\\x${hex(code, 2)}`;
  return code < 0x10000 ? `\\u${hex(code, 4)}` : `\\U${hex(code, 8)}`;
}

function hex(value: number, digits: number): string {
  return value.toString(16).padStart(digits, "0");
}
