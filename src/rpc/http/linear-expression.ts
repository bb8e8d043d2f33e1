import type { Assertion } from "./expression-parts.ts";
import { compileProgram, type Instruction } from "./linear-program.ts";

/**
 * A regular expression from a stranger. It is matched by following all ways at once (Thompson's construction), so that the
 * time grows with the length of the text and of the expression only: there is no expression that keeps the process busy.
 */
export class LinearExpression {
  readonly #program: readonly Instruction[];
  #work = 0;

  /** Syntax as in Go (RE2). Throws ExpressionError or ExpressionTooLargeError. */
  constructor(expression: string) {
    this.#program = compileProgram(expression);
  }

  /** Number of instructions. */
  get size(): number {
    return this.#program.length;
  }

  /** Instructions carried out so far, in all texts together; some 25 million are a second. */
  get work(): number {
    return this.#work;
  }

  /** Whether it matches somewhere in `text`. */
  matches(text: string): boolean {
    let places = new Places(this.#program.length);
    let next = new Places(this.#program.length);
    let before: number | undefined;
    for (let index = 0; ; ) {
      const after = text.codePointAt(index);
      if (this.#enter(0, places, before, after)) return true;
      if (after === undefined) return false;
      index += after > 0xffff ? 2 : 1;
      const following = text.codePointAt(index);
      for (const place of places.list) {
        this.#work += 1;
        const instruction = this.#program[place];
        if (instruction?.kind !== "set" || !instruction.set.has(after)) continue;
        if (this.#enter(place + 1, next, after, following)) return true;
      }
      [places, next] = [next, places];
      next.clear();
      before = after;
    }
  }

  /** Adds the places that can be reached from `start` without a character; true when the end is among them. */
  #enter(start: number, places: Places, before: number | undefined, after: number | undefined): boolean {
    const pending = [start];
    for (let place = pending.pop(); place !== undefined; place = pending.pop()) {
      if (!places.add(place)) continue;
      this.#work += 1;
      const instruction = this.#program[place];
      if (instruction === undefined || instruction.kind === "match") return true;
      if (instruction.kind === "split") pending.push(...instruction.targets);
      else if (instruction.kind === "assert" && holds(instruction.assertion, before, after))
        pending.push(place + 1);
    }
    return false;
  }
}

/** A set of places that is emptied without effort. */
class Places {
  readonly list: number[] = [];
  readonly #isIn: Uint8Array;

  constructor(size: number) {
    this.#isIn = new Uint8Array(size);
  }

  add(place: number): boolean {
    if (this.#isIn[place] === 1) return false;
    this.#isIn[place] = 1;
    this.list.push(place);
    return true;
  }

  clear(): void {
    for (const place of this.list) this.#isIn[place] = 0;
    this.list.length = 0;
  }
}

const NEWLINE = 0x0a;

function holds(assertion: Assertion, before: number | undefined, after: number | undefined): boolean {
  switch (assertion) {
    case "text-start":
      return before === undefined;
    case "text-end":
      return after === undefined;
    case "line-start":
      return before === undefined || before === NEWLINE;
    case "line-end":
      return after === undefined || after === NEWLINE;
    case "word-boundary":
      return isWord(before) !== isWord(after);
    case "no-word-boundary":
      return isWord(before) === isWord(after);
  }
}

/** RE2's word characters are ASCII. */
function isWord(codePoint: number | undefined): boolean {
  return codePoint !== undefined && codePoint < 0x80 && /\w/.test(String.fromCharCode(codePoint));
}
