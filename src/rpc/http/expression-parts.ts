import { type CharacterSet, characterSet } from "./character-set.ts";

/** What has to hold between two characters. */
export type Assertion =
  | "text-start"
  | "text-end"
  | "line-start"
  | "line-end"
  | "word-boundary"
  | "no-word-boundary";

/** An expression is fine as such, but too large for strangers. */
export class ExpressionTooLargeError extends Error {
  constructor() {
    super("expression too large");
    this.name = "ExpressionTooLargeError";
  }
}

/** The words of the JavaScript that translateExpression writes: no look-around but these, no captures, no back-references. */
const WORD =
  /(?<set>\(\?i:(?:\[[^\]]*\]|\\u\{[0-9a-f]+\})\)|\[[^\]]*\]|\\u\{[0-9a-f]+\})|(?<assertion>\(\?<?!\[\^(?:\\n)?\]\)|\\[bB])|(?<open>\(\?:)|(?<close>\))|(?<bar>\|)|(?<repeat>[*+?]|\{\d+(?:,\d*)?\})\??/y;

const ASSERTIONS: ReadonlyMap<string, Assertion> = new Map([
  ["(?<![^])", "text-start"],
  ["(?![^])", "text-end"],
  ["(?<![^\\n])", "line-start"],
  ["(?![^\\n])", "line-end"],
  ["\\b", "word-boundary"],
  ["\\B", "no-word-boundary"],
]);

/** Parts of an expression. */
export type Part =
  | { readonly kind: "set"; readonly set: CharacterSet }
  | { readonly kind: "assert"; readonly assertion: Assertion }
  | { readonly kind: "sequence"; readonly parts: readonly Part[] }
  | { readonly kind: "choice"; readonly parts: readonly Part[] }
  | { readonly kind: "repeat"; readonly part: Part; readonly least: number; readonly most: number };

/** The parts of an expression as translateExpression writes them. */
export function parseParts(source: string): Part {
  return new Parser(source).parse();
}

class Parser {
  readonly #text: string;
  #position = 0;

  constructor(text: string) {
    // An empty expression has this source.
    this.#text = text === "(?:)" ? "" : text;
  }

  /** Up to the end of the text or of the group. */
  parse(): Part {
    const choices: Part[] = [];
    let sequence: Part[] = [];
    for (let word = this.#next(); word !== undefined && word["close"] === undefined; word = this.#next()) {
      if (word["bar"] !== undefined) {
        choices.push({ kind: "sequence", parts: sequence });
        sequence = [];
      } else if (word["repeat"] !== undefined) {
        const part = sequence.pop();
        if (part !== undefined) sequence.push({ kind: "repeat", part, ...boundsOf(word["repeat"]) });
      } else sequence.push(this.#atom(word));
    }
    const last: Part = { kind: "sequence", parts: sequence };
    return choices.length === 0 ? last : { kind: "choice", parts: [...choices, last] };
  }

  #atom(word: Readonly<Record<string, string | undefined>>): Part {
    if (word["set"] !== undefined) return { kind: "set", set: characterSet(word["set"]) };
    const assertion = ASSERTIONS.get(word["assertion"] ?? "");
    return assertion === undefined ? this.parse() : { kind: "assert", assertion };
  }

  #next(): Readonly<Record<string, string | undefined>> | undefined {
    if (this.#position >= this.#text.length) return undefined;
    WORD.lastIndex = this.#position;
    const match = WORD.exec(this.#text);
    if (match?.groups === undefined) throw new ExpressionTooLargeError();
    this.#position = WORD.lastIndex;
    return match.groups;
  }
}

function boundsOf(repeat: string): { readonly least: number; readonly most: number } {
  if (repeat === "*") return { least: 0, most: Number.POSITIVE_INFINITY };
  if (repeat === "+") return { least: 1, most: Number.POSITIVE_INFINITY };
  if (repeat === "?") return { least: 0, most: 1 };
  const [least = "", most] = repeat.slice(1, -1).split(",");
  if (most === undefined) return { least: Number(least), most: Number(least) };
  return { least: Number(least), most: most === "" ? Number.POSITIVE_INFINITY : Number(most) };
}
