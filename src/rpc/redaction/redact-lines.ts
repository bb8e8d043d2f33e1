import { setImmediate as nextTurn } from "node:timers/promises";
import { REDACTED, redactText } from "./redact-text.ts";

/** Longer lines are left out: nobody reads them, and they cannot be searched for secrets in reasonable time. */
const LONGEST_LINE = 64 * 1024;
/** Others get their turn after this many characters. */
const CHARACTERS_A_TURN = 64 * 1024;
/** Of a key that has no end. */
const MOST_KEY_LINES = 500;
const KEY_START = /-----BEGIN (?:[A-Z0-9]{1,16} ){0,3}PRIVATE KEY/;
const KEY_END = /-----END (?:[A-Z0-9]{1,16} ){0,3}PRIVATE KEY/;

/** As redactText, for texts of any size, and without holding everybody else up. `redactLine` does a line by itself. */
export async function redactLines(
  text: string,
  redactLine: (line: string) => string = redactText,
): Promise<string> {
  const kept: string[] = [];
  let keyLines = 0;
  let turnEnds = CHARACTERS_A_TURN;
  for (let start = 0; start <= text.length; ) {
    const newline = text.indexOf("\n", start);
    const end = newline < 0 ? text.length : newline;
    const line = text.slice(start, end);
    start = end + 1;
    if (keyLines > 0) {
      keyLines = KEY_END.test(line) || keyLines === MOST_KEY_LINES ? 0 : keyLines + 1;
    } else if (line.length > LONGEST_LINE) kept.push(`[a line of ${line.length} characters is left out]`);
    else if (KEY_START.test(line) && !KEY_END.test(line)) {
      keyLines = 1;
      kept.push(`${redactText(line.slice(0, line.search(KEY_START)))}[private key] ${REDACTED}`);
    } else kept.push(redactLine(line));
    if (start < turnEnds) continue;
    turnEnds = start + CHARACTERS_A_TURN;
    await nextTurn();
  }
  return kept.join("\n");
}
