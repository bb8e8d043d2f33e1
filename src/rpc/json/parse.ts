import { badMessage } from "./errors.ts";

/** Objects are maps. Integers are exact: bigints. Other numbers, and integers longer than any that fits somewhere, are numbers. */
export type Json = null | boolean | string | bigint | number | readonly Json[] | ReadonlyMap<string, Json>;

/** Of integers that any field could hold: those of 64 bits. */
const MAX_INTEGER_LENGTH = 20;
const WHITE_SPACE = /[ \t\n\r]*/y;
const NUMBER = /-?(?:0|[1-9]\d*)(\.\d+)?([eE][+-]?\d+)?/y;
const TEXT_END = /["\\]/g;
/** Most of them may not stand in a text. */
const CONTROL = /\p{Cc}/u;
const LITERALS: readonly (readonly [string, Json])[] = [
  ["null", null],
  ["true", true],
  ["false", false],
];

/**
 * Parses one JSON text (RFC 8259). Not JSON.parse: that rounds integers above 2^53, and its reviver, which sees their
 * digits, takes seconds for a megabyte. Of members of one name the last counts. Throws E_JSON_MESSAGE, also for objects
 * and lists more than `maxDepth` deep.
 */
export function parseJson(text: string, maxDepth: number): Json {
  const parser = new Parser(text, maxDepth);
  return parser.parse();
}

class Parser {
  readonly #text: string;
  readonly #maxDepth: number;
  #at = 0;

  constructor(text: string, maxDepth: number) {
    this.#text = text;
    this.#maxDepth = maxDepth;
  }

  parse(): Json {
    const value = this.#value(0);
    this.#skipWhiteSpace();
    if (this.#at < this.#text.length) throw notJson();
    return value;
  }

  #value(depth: number): Json {
    if (depth > this.#maxDepth)
      throw badMessage(`more than ${this.#maxDepth} objects and lists inside each other`);
    this.#skipWhiteSpace();
    switch (this.#text[this.#at]) {
      case "{":
        return this.#object(depth);
      case "[":
        return this.#list(depth);
      case '"':
        return this.#string();
      default:
        return this.#literalOrNumber();
    }
  }

  #object(depth: number): Json {
    const members = new Map<string, Json>();
    this.#at += 1;
    if (this.#skip("}")) return members;
    do {
      this.#skipWhiteSpace();
      const name = this.#string();
      this.#expect(":");
      members.set(name, this.#value(depth + 1));
    } while (this.#skip(","));
    this.#expect("}");
    return members;
  }

  #list(depth: number): Json {
    const elements: Json[] = [];
    this.#at += 1;
    if (this.#skip("]")) return elements;
    do elements.push(this.#value(depth + 1));
    while (this.#skip(","));
    this.#expect("]");
    return elements;
  }

  #string(): string {
    const start = this.#at;
    if (this.#text[start] !== '"') throw notJson();
    let hasEscapes = false;
    for (let from = start + 1; ; ) {
      TEXT_END.lastIndex = from;
      const end = TEXT_END.exec(this.#text);
      if (end === null) throw notJson();
      this.#at = end.index + 1;
      if (end[0] === '"') break;
      hasEscapes = true;
      from = end.index + 2;
    }
    const quoted = this.#text.slice(start, this.#at);
    return hasEscapes || CONTROL.test(quoted) ? unquote(quoted) : quoted.slice(1, -1);
  }

  #literalOrNumber(): Json {
    for (const [word, value] of LITERALS) {
      if (!this.#text.startsWith(word, this.#at)) continue;
      this.#at += word.length;
      return value;
    }
    return this.#number();
  }

  #number(): Json {
    NUMBER.lastIndex = this.#at;
    const [source = "", fraction, exponent] = NUMBER.exec(this.#text) ?? [];
    if (source === "") throw notJson();
    this.#at += source.length;
    const isInteger = fraction === undefined && exponent === undefined && source.length <= MAX_INTEGER_LENGTH;
    return isInteger ? BigInt(source) : Number(source);
  }

  #skip(character: string): boolean {
    this.#skipWhiteSpace();
    if (this.#text[this.#at] !== character) return false;
    this.#at += 1;
    return true;
  }

  #expect(character: string): void {
    if (!this.#skip(character)) throw notJson();
  }

  #skipWhiteSpace(): void {
    WHITE_SPACE.lastIndex = this.#at;
    WHITE_SPACE.exec(this.#text);
    this.#at = WHITE_SPACE.lastIndex;
  }
}

function unquote(quoted: string): string {
  try {
    return JSON.parse(quoted) as string;
  } catch {
    throw notJson();
  }
}

function notJson(): Error {
  return badMessage("a text that is not JSON");
}
