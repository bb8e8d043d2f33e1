import { hasCode } from "../../core/errors.ts";
import type { ByteReader } from "../byte-reader.ts";
import { badMessage } from "./errors.ts";

/** Of a message that is spread over several; each takes a while. */
const MAX_LINES = 10_000;
/** Characters that matter for finding the end of a message. */
const STRUCTURE = /["\\{}[\]]/g;

/**
 * Reads lines up to the end of the one that completes a JSON object (spec/srpc.md section 5.5: each value is a text that
 * ends with its line), and not a byte more: raw data or the next call may follow. Whether it is JSON is for the parser to
 * say. E_JSON_MESSAGE when it cannot be, after the line on which that shows, so that the next line is a new beginning.
 */
export async function readJsonMessage(reader: ByteReader, limitBytes: number): Promise<string> {
  const scan = new MessageScan();
  const lines: string[] = [];
  for (let leftBytes = limitBytes; ; ) {
    const line = await readLine(reader, leftBytes);
    leftBytes -= Buffer.byteLength(line) + 1;
    if (leftBytes < 0 || lines.length === MAX_LINES) throw tooLong();
    lines.push(line);
    if (scan.endsWith(line)) return lines.join("\n");
  }
}

async function readLine(reader: ByteReader, limitBytes: number): Promise<string> {
  try {
    return await reader.readLine(Math.max(0, limitBytes));
  } catch (error) {
    if (!hasCode(error, "E_LINE_TOO_LONG")) throw error;
    throw tooLong();
  }
}

function tooLong(): Error {
  return badMessage("a message that is too long");
}

/** Counts brackets, line by line. */
class MessageScan {
  #depth = 0;
  #hasBegun = false;

  /** Whether the message ends on this line. */
  endsWith(line: string): boolean {
    if (!this.#hasBegun) {
      const start = line.trimStart();
      if (start === "") return false;
      if (!start.startsWith("{")) throw badMessage("a message that is not an object");
      this.#hasBegun = true;
    }
    let isText = false;
    let escapedAt = -1;
    for (const { 0: character, index } of line.matchAll(STRUCTURE)) {
      if (index === escapedAt) continue;
      if (character === "\\") escapedAt = index + 1;
      else if (character === '"') isText = !isText;
      else if (!isText) this.#depth += character === "{" || character === "[" ? 1 : -1;
    }
    if (isText) throw badMessage("a text that does not end on its line");
    return this.#depth <= 0;
  }
}
