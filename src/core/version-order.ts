const DIGIT_RUN = /[0-9]+/y;

/**
 * Orders names so that runs of digits compare as numbers of any length: `os/2` before `os/10` (spec/cli.md section 7,
 * list-images). Negative, zero or positive; zero also for names that differ in leading zeroes only.
 */
export function compareVersions(left: string, right: string): number {
  let leftAt = 0;
  let rightAt = 0;
  while (leftAt < left.length && rightAt < right.length) {
    const leftDigits = digitsAt(left, leftAt);
    const rightDigits = digitsAt(right, rightAt);
    const areNumbers = leftDigits !== "" && rightDigits !== "";
    const order = areNumbers
      ? compareNumbers(leftDigits, rightDigits)
      : codePoint(left, leftAt) - codePoint(right, rightAt);
    if (order !== 0) return order;
    leftAt += areNumbers ? leftDigits.length : 1;
    rightAt += areNumbers ? rightDigits.length : 1;
  }
  return left.length - leftAt - (right.length - rightAt);
}

function digitsAt(text: string, position: number): string {
  DIGIT_RUN.lastIndex = position;
  return DIGIT_RUN.exec(text)?.[0] ?? "";
}

function compareNumbers(left: string, right: string): number {
  const leftDigits = left.replace(/^0+/, "");
  const rightDigits = right.replace(/^0+/, "");
  if (leftDigits.length !== rightDigits.length) return leftDigits.length - rightDigits.length;
  if (leftDigits === rightDigits) return 0;
  return leftDigits < rightDigits ? -1 : 1;
}

/** Code points sort like UTF-8 bytes; UTF-16 code units do not. */
function codePoint(text: string, position: number): number {
  return text.codePointAt(position) ?? 0;
}
