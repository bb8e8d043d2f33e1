import type { JsonMember, JsonNode } from "./json-node.ts";

/** Why and where a text is not JSON. */
export class JsonSyntaxError extends Error {
  readonly at: number;

  constructor(message: string, at: number) {
    super(message);
    this.name = "JsonSyntaxError";
    this.at = at;
  }
}

const MAXIMUM_DEPTH = 64;
const MAXIMUM_VALUES = 200_000;
const MAXIMUM_DIGITS = 100;
const SPACE = /[ \t\r\n]*/y;
const NUMBER = /-?(?:0|[1-9]\d*)(?:\.\d+)?(?:[eE][+-]?\d+)?/y;
const WORD = /[A-Za-z0-9_+.-]+/y;
/**
 * The first JSON value in `text`; what follows it is ignored (spec/configuration.md section 8). Throws JsonSyntaxError,
 * also for values nested more than 64 deep or more than 200 000 values.
 */
export function parseJson(text: string): { readonly node: JsonNode; readonly end: number } {
  const parser = new Parser(text);
  const node = parser.value(0);
  return { node, end: parser.offset };
}

class Parser {
  readonly #text: string;
  #at = 0;
  #values = 0;

  constructor(text: string) {
    this.#text = text;
  }

  get offset(): number {
    return this.#at;
  }

  value(depth: number): JsonNode {
    this.#skipSpace();
    if (depth > MAXIMUM_DEPTH) throw this.#error(`nested more than ${MAXIMUM_DEPTH} deep`);
    this.#values += 1;
    if (this.#values > MAXIMUM_VALUES) throw this.#error(`more than ${MAXIMUM_VALUES} values`);
    const at = this.#at;
    const next = this.#text[at];
    if (next === "{") return { kind: "object", at, members: this.#list("}", () => this.#member(depth)) };
    if (next === "[") return { kind: "array", at, items: this.#list("]", () => this.value(depth + 1)) };
    if (next === '"') return { kind: "string", at, value: this.#string() };
    return this.#scalar(at);
  }

  #scalar(at: number): JsonNode {
    const number = this.#match(NUMBER);
    if (number !== undefined && number.length > MAXIMUM_DIGITS)
      throw new JsonSyntaxError(`found a number of ${number.length} characters`, at);
    if (number !== undefined) return { kind: "number", at, text: number };
    const word = this.#match(WORD);
    if (word === "null" || word === "true" || word === "false") return { kind: word, at };
    this.#at = at;
    throw this.#unexpected("a value");
  }

  #member(depth: number): JsonMember {
    const keyAt = this.#at;
    if (this.#text[keyAt] !== '"') throw this.#unexpected("a key in double quotes");
    const key = this.#string();
    this.#skipSpace();
    if (this.#text[this.#at] !== ":") throw this.#unexpected('":" after the key');
    this.#at += 1;
    return { key, keyAt, value: this.value(depth + 1) };
  }

  /** Items between brackets, of which the opening one is next. */
  #list<Item>(close: string, item: () => Item): readonly Item[] {
    const items: Item[] = [];
    this.#at += 1;
    this.#skipSpace();
    if (this.#text[this.#at] === close) {
      this.#at += 1;
      return items;
    }
    for (;;) {
      items.push(item());
      this.#skipSpace();
      const next = this.#text[this.#at];
      if (next !== "," && next !== close) throw this.#unexpected(`"," or ${JSON.stringify(close)}`);
      this.#at += 1;
      if (next === close) return items;
      this.#skipSpace();
    }
  }

  #string(): string {
    const start = this.#at;
    for (this.#at += 1; this.#text[this.#at] !== '"'; this.#at++) {
      const character = this.#text[this.#at] ?? "\n";
      if (character === "\n")
        throw new JsonSyntaxError(this.#endOr("found a string that is not closed"), start);
      if (character < " ") throw this.#error("found a control character in a string");
      if (character === "\\") this.#at += 1;
    }
    this.#at += 1;
    try {
      return String(JSON.parse(this.#text.slice(start, this.#at)));
    } catch {
      // Its bounds and characters are right, so it can only be this.
      throw new JsonSyntaxError("found an escape that JSON does not have", start);
    }
  }

  #unexpected(expected: string): JsonSyntaxError {
    const at = this.#at;
    const found = this.#match(WORD) ?? this.#text[at] ?? "";
    return new JsonSyntaxError(
      this.#endOr(`found ${JSON.stringify(found.slice(0, 40))}, expected ${expected}`),
      at,
    );
  }

  /** `EOF` for nothing at all and `unexpected EOF` for half a value are the original's words. */
  #endOr(otherwise: string): string {
    if (this.#text.trim() === "") return "EOF";
    return this.#at >= this.#text.length ? "unexpected EOF" : otherwise;
  }

  #error(message: string): JsonSyntaxError {
    return new JsonSyntaxError(message, this.#at);
  }

  #skipSpace(): void {
    this.#match(SPACE);
  }

  #match(pattern: RegExp): string | undefined {
    pattern.lastIndex = this.#at;
    const found = pattern.exec(this.#text)?.[0];
    if (found !== undefined) this.#at += found.length;
    return found;
  }
}
