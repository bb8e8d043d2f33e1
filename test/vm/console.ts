import { createWriteStream } from "node:fs";
import type { Readable, Writable } from "node:stream";
import { stripVTControlCharacters } from "node:util";

const LAST_LINES = 40;
/** The beginning of a control sequence whose rest is still on its way. */
const UNFINISHED_SEQUENCE = new RegExp(`${String.fromCharCode(0x1b)}(\\[[0-9;?]*)?$`);

/** The serial console of a virtual machine: read by patterns, written like a keyboard, recorded in a file. */
export class Console {
  readonly #input: Writable;
  readonly #watchers = new Set<() => void>();
  #text = "";
  /** Where the next wait starts: after the end of what the last one matched. */
  #position = 0;
  #ended = false;

  constructor(output: Readable, input: Writable, logFile: string, onLine: (line: string) => void) {
    this.#input = input;
    const log = createWriteStream(logFile);
    let partialSequence = "";
    let partialLine = "";
    output.setEncoding("utf8");
    output.on("data", (chunk: string) => {
      log.write(chunk);
      const raw = partialSequence + chunk;
      partialSequence = UNFINISHED_SEQUENCE.exec(raw)?.[0] ?? "";
      const text = clean(raw.slice(0, raw.length - partialSequence.length));
      const lines = (partialLine + text).split("\n");
      partialLine = lines.pop() ?? "";
      for (const line of lines) onLine(line);
      this.#text += text;
      this.#notify();
    });
    output.on("end", () => {
      log.end();
      this.#ended = true;
      this.#notify();
    });
  }

  /** Resolves with the match as soon as the console has shown `pattern`, seen from the end of the previous match. */
  waitFor(pattern: RegExp, timeoutMs: number): Promise<RegExpExecArray> {
    return new Promise((resolve, reject) => {
      const finish = (settle: () => void) => {
        clearTimeout(timer);
        this.#watchers.delete(look);
        settle();
      };
      const fail = (what: string) =>
        finish(() =>
          reject(new Error(`${what} before its console showed ${String(pattern)}:\n${this.tail()}`)),
        );
      const look = () => {
        const match = pattern.exec(this.#text.slice(this.#position));
        if (match !== null) {
          this.#position += match.index + match[0].length;
          finish(() => resolve(match));
        } else if (this.#ended) {
          fail("the machine ended");
        }
      };
      const timer = setTimeout(() => fail(`${timeoutMs / 1000} s passed`), timeoutMs);
      this.#watchers.add(look);
      look();
    });
  }

  /** Types `line` and Enter. */
  type(line: string): void {
    this.#input.write(`${line}\n`);
  }

  /** The last lines, for error messages. */
  tail(): string {
    return this.#text.trimEnd().split("\n").slice(-LAST_LINES).join("\n");
  }

  #notify(): void {
    for (const watcher of this.#watchers) watcher();
  }
}

function clean(text: string): string {
  return stripVTControlCharacters(text).replaceAll("\r", "");
}
