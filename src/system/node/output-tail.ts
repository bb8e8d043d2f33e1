import { StringDecoder } from "node:string_decoder";

/** A line that never ends is cut at this length, so that a program cannot fill our memory with one. */
const LONGEST_LINE = 64 * 1024;

/** Keeps the last `limitBytes` of a stream and hands out each complete line while it flows. */
export class OutputTail {
  readonly #limitBytes: number;
  readonly #onLine: ((line: string) => void) | undefined;
  readonly #decoder = new StringDecoder("utf8");
  readonly #pieces: Buffer[] = [];
  #keptBytes = 0;
  #partialLine = "";

  constructor(limitBytes: number, onLine?: (line: string) => void) {
    this.#limitBytes = limitBytes;
    this.#onLine = onLine;
  }

  push(piece: Buffer): void {
    this.#pieces.push(piece);
    this.#keptBytes += piece.byteLength;
    for (let oldest = this.#pieces[0]; oldest !== undefined; oldest = this.#pieces[0]) {
      if (this.#keptBytes - oldest.byteLength < this.#limitBytes) break;
      this.#pieces.shift();
      this.#keptBytes -= oldest.byteLength;
    }
    if (this.#onLine !== undefined) this.#emitLines(this.#decoder.write(piece), this.#onLine);
  }

  /** Call once at the end of the stream: a last line without newline is a line too. */
  end(): void {
    const rest = this.#partialLine + this.#decoder.end();
    this.#partialLine = "";
    if (rest !== "") this.#onLine?.(rest);
  }

  /** What is kept, as text; undecodable bytes become U+FFFD. */
  text(): string {
    const kept = Buffer.concat(this.#pieces);
    return kept.subarray(Math.max(0, kept.byteLength - this.#limitBytes)).toString("utf8");
  }

  #emitLines(text: string, onLine: (line: string) => void): void {
    const lines = (this.#partialLine + text).split("\n");
    this.#partialLine = lines.pop() ?? "";
    for (const line of lines) onLine(line.endsWith("\r") ? line.slice(0, -1) : line);
    if (this.#partialLine.length > LONGEST_LINE) {
      onLine(this.#partialLine);
      this.#partialLine = "";
    }
  }
}
