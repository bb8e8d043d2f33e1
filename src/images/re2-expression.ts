import { type CharacterRange, formatClass, NAMED_CLASSES, PERL_CLASSES } from "./re2-classes.ts";

/** An expression is not RE2 as Go understands it; the message has Go's words. */
export class ExpressionError extends Error {
  constructor(problem: string, expression: string) {
    super(`error parsing regexp: ${problem}: \`${expression}\``);
    this.name = "ExpressionError";
  }
}

/** Limits of Go's parser. */
const MAX_NESTING = 1000;
const MAX_REPEAT = 1000;

/** Longer lines in a filter are a mistake or an attack on the compiler. */
const MAX_LENGTH = 10_000;

/**
 * An equivalent JavaScript expression for a Go (RE2) one, for asking whether it matches, nothing more: groups do not
 * capture and greediness is only kept. The grammar is that of Go's regexp/syntax; look-around and back-references,
 * which RE2 lacks, are refused like everything else that Go refuses.
 */
export function translateExpression(expression: string): RegExp {
  if (expression.length > MAX_LENGTH)
    throw new ExpressionError("expression too long", expression.slice(0, 40));
  return new RegExp(new Translator(expression).translate(), "u");
}

interface Flags {
  readonly ignoreCase: boolean;
  readonly multiLine: boolean;
  readonly dotMatchesNewline: boolean;
}

const NO_FLAGS: Flags = { ignoreCase: false, multiLine: false, dotMatchesNewline: false };

const CONTROL_ESCAPES: Readonly<Record<string, number>> = { a: 7, f: 12, t: 9, n: 10, r: 13, v: 11 };

class Translator {
  readonly #text: string;
  #position = 0;

  constructor(text: string) {
    this.#text = text;
  }

  translate(): string {
    const translated = this.#alternatives(NO_FLAGS, 0);
    if (this.#position < this.#text.length) throw new ExpressionError("unexpected )", this.#text);
    return translated;
  }

  /** Up to the closing parenthesis or the end. A flag group inside changes the flags for the rest of this group. */
  #alternatives(outerFlags: Flags, depth: number): string {
    if (depth > MAX_NESTING) throw new ExpressionError("expression nests too deeply", this.#text);
    let flags = outerFlags;
    let translated = "";
    while (this.#position < this.#text.length && !this.#sees(")")) {
      if (this.#take("|")) {
        translated += "|";
        continue;
      }
      const newFlags = this.#flagGroup(flags);
      if (newFlags !== undefined) flags = newFlags;
      else translated += this.#repeated(this.#quoted(flags) ?? this.#atom(flags, depth));
    }
    return translated;
  }

  #atom(flags: Flags, depth: number): string {
    const operator = this.#takeOperator();
    if (operator !== undefined)
      throw new ExpressionError("missing argument to repetition operator", operator);
    const start = this.#position;
    const character = this.#next();
    switch (character) {
      case "(":
        return this.#group(flags, start, depth);
      case "[":
        return withCase(flags, this.#characterClass(start));
      case ".":
        return flags.dotMatchesNewline ? "[^]" : "[^\\n]";
      case "^":
        return flags.multiLine ? "(?<![^\\n])" : "(?<![^])";
      case "$":
        return flags.multiLine ? "(?![^\\n])" : "(?![^])";
      case "\\":
        return this.#escape(flags, start);
      default:
        return withCase(flags, formatLiteral(character));
    }
  }

  /** `(?i)`, which applies to the rest of the surrounding group. */
  #flagGroup(flags: Flags): Flags | undefined {
    const match = /^\(\?([imsU]*)(?:-([imsU]+))?\)/.exec(this.#text.slice(this.#position));
    if (match === null || match[0] === "(?)") return undefined;
    this.#position += match[0].length;
    return changeFlags(flags, match[1], match[2]);
  }

  #group(flags: Flags, start: number, depth: number): string {
    let innerFlags = flags;
    if (this.#sees("?")) {
      const match = /^\?(?:P?<([A-Za-z0-9_]+)>|([imsU]*)(?:-([imsU]+))?:)/.exec(
        this.#text.slice(this.#position),
      );
      if (match === null) {
        const end = this.#position + 2;
        throw new ExpressionError("invalid or unsupported Perl syntax", this.#text.slice(start, end));
      }
      this.#position += match[0].length;
      innerFlags = changeFlags(flags, match[2], match[3]);
    }
    const inner = this.#alternatives(innerFlags, depth + 1);
    if (!this.#take(")")) throw new ExpressionError("missing closing )", this.#text);
    return `(?:${inner})`;
  }

  /** `\Q...\E`: its characters stand for themselves; a repetition after it applies to the last one. */
  #quoted(flags: Flags): string | undefined {
    if (!this.#text.startsWith("\\Q", this.#position)) return undefined;
    const end = this.#text.indexOf("\\E", this.#position);
    const inner = this.#text.slice(this.#position + 2, end < 0 ? undefined : end);
    this.#position = end < 0 ? this.#text.length : end + 2;
    const literals = Array.from(inner, (character) => withCase(flags, formatLiteral(character)));
    const last = literals.pop();
    return last === undefined ? "" : literals.join("") + this.#repeated(last);
  }

  #repeated(atom: string): string {
    const start = this.#position;
    const operator = this.#takeRepetition();
    if (operator === undefined) return atom;
    if (atom === "") throw new ExpressionError("missing argument to repetition operator", operator);
    if (this.#takeRepetition() !== undefined) {
      const operators = this.#text.slice(start, this.#position);
      throw new ExpressionError("invalid nested repetition operator", operators);
    }
    return `(?:${atom})${operator}`;
  }

  #takeRepetition(): string | undefined {
    const operator = this.#takeOperator();
    if (operator === undefined) return undefined;
    return this.#take("?") ? `${operator}?` : operator;
  }

  #takeOperator(): string | undefined {
    return ["*", "+", "?"].find((candidate) => this.#take(candidate)) ?? this.#takeCount();
  }

  /** `{2}`, `{2,}` or `{2,3}`; anything else in braces is literal text. */
  #takeCount(): string | undefined {
    const match = /^\{(\d+)(,(\d*))?\}/.exec(this.#text.slice(this.#position));
    if (match === null) return undefined;
    const [count, least = "", , most = ""] = match;
    const isReversed = most !== "" && Number(most) < Number(least);
    if (isReversed || Number(least) > MAX_REPEAT || Number(most) > MAX_REPEAT) {
      throw new ExpressionError("invalid repeat count", count);
    }
    this.#position += count.length;
    return count;
  }

  #escape(flags: Flags, start: number): string {
    const character = this.#text[this.#position];
    if (character === undefined) throw new ExpressionError("trailing backslash at end of expression", "");
    const assertion = { A: "(?<![^])", z: "(?![^])", b: "\\b", B: "\\B" }[character];
    if (assertion !== undefined) {
      this.#position += 1;
      return assertion;
    }
    const ranges = this.#classEscape(start);
    if (ranges !== undefined) return `[${ranges}]`;
    return withCase(flags, formatCodePoint(this.#characterEscape(start)));
  }

  /** After the backslash: `\d`, `\pL` and the like, as the inside of a class. */
  #classEscape(start: number): string | undefined {
    const rest = this.#text.slice(this.#position);
    const perl = PERL_CLASSES.get(rest.charAt(0));
    if (perl !== undefined) {
      this.#position += 1;
      return perl;
    }
    const match = /^([pP])(?:\{(\^?)([A-Za-z0-9_]+)\}|([A-Za-z]))/.exec(rest);
    if (match === null) return undefined;
    this.#position += match[0].length;
    const [whole, letter, caret = "", longName, shortName = ""] = match;
    const name = longName ?? shortName;
    const isNegated = (letter === "P") !== (caret === "^");
    const property = name.length <= 2 ? name : name === "Any" ? "Any" : `Script=${name}`;
    const escape = `\\${isNegated ? "P" : "p"}{${property}}`;
    if (!isUnicodeProperty(escape)) {
      throw new ExpressionError("invalid character class range", this.#text.slice(start, start + 1) + whole);
    }
    return escape;
  }

  /** After the backslash: one character as a code point. */
  #characterEscape(start: number): number {
    const rest = this.#text.slice(this.#position);
    const octal = /^(?:0[0-7]{0,2}|[1-7][0-7]{1,2})/.exec(rest);
    const hex = /^x(?:([0-9A-Fa-f]{2})|\{([0-9A-Fa-f]+)\})/.exec(rest);
    const character = rest.charAt(0);
    let length = 1;
    let codePoint = CONTROL_ESCAPES[character];
    if (octal !== null) {
      length = octal[0].length;
      codePoint = Number.parseInt(octal[0], 8);
    } else if (hex !== null) {
      length = hex[0].length;
      codePoint = Number.parseInt(hex[1] ?? hex[2] ?? "", 16);
    } else if (/^[^A-Za-z0-9\u0080-\uffff]/.test(rest)) codePoint = character.charCodeAt(0);
    this.#position += length;
    if (codePoint === undefined || codePoint > 0x10ffff) {
      throw new ExpressionError("invalid escape sequence", this.#text.slice(start, this.#position));
    }
    return codePoint;
  }

  /** After the opening bracket. */
  #characterClass(start: number): string {
    const isNegated = this.#take("^");
    const parts: string[] = [];
    for (let isFirst = true; isFirst || !this.#sees("]"); isFirst = false) {
      if (this.#position >= this.#text.length) {
        throw new ExpressionError("missing closing ]", this.#text.slice(start));
      }
      parts.push(this.#namedClass() ?? this.#classItem(start));
    }
    this.#position += 1;
    return `[${isNegated ? "^" : ""}${parts.join("")}]`;
  }

  /** `[:alpha:]` */
  #namedClass(): string | undefined {
    const match = /^\[:(\^?)([^:\]]*):\]/.exec(this.#text.slice(this.#position));
    if (match === null) return undefined;
    const ranges = NAMED_CLASSES.get(match[2] ?? "");
    if (ranges === undefined) throw new ExpressionError("invalid character class range", match[0]);
    this.#position += match[0].length;
    return formatClass(ranges, match[1] === "^");
  }

  /** A character, a range or a class escape. */
  #classItem(classStart: number): string {
    const start = this.#position;
    if (this.#take("\\")) {
      const ranges = this.#classEscape(start);
      if (ranges !== undefined) return ranges;
      this.#position = start;
    }
    const low = this.#classCharacter(classStart);
    const isRange =
      this.#sees("-") && this.#text[this.#position + 1] !== "]" && this.#position + 1 < this.#text.length;
    if (!isRange) return formatCodePoint(low);
    this.#position += 1;
    const high = this.#classCharacter(classStart);
    if (high < low) {
      throw new ExpressionError("invalid character class range", this.#text.slice(start, this.#position));
    }
    const range: CharacterRange = [low, high];
    return formatClass([range], false);
  }

  #classCharacter(classStart: number): number {
    const start = this.#position;
    if (start >= this.#text.length) {
      throw new ExpressionError("missing closing ]", this.#text.slice(classStart));
    }
    const character = this.#next();
    return character === "\\" ? this.#characterEscape(start) : (character.codePointAt(0) ?? 0);
  }

  #sees(text: string): boolean {
    return this.#text.startsWith(text, this.#position);
  }

  #take(text: string): boolean {
    if (!this.#sees(text)) return false;
    this.#position += text.length;
    return true;
  }

  /** The next character, a surrogate pair as one. */
  #next(): string {
    const character = String.fromCodePoint(this.#text.codePointAt(this.#position) ?? 0);
    this.#position += character.length;
    return character;
  }
}

function changeFlags(flags: Flags, on = "", off = ""): Flags {
  const value = (letter: string, before: boolean): boolean =>
    (before || on.includes(letter)) && !off.includes(letter);
  return {
    ignoreCase: value("i", flags.ignoreCase),
    multiLine: value("m", flags.multiLine),
    dotMatchesNewline: value("s", flags.dotMatchesNewline),
  };
}

function withCase(flags: Flags, translated: string): string {
  return flags.ignoreCase ? `(?i:${translated})` : translated;
}

function formatLiteral(character: string): string {
  return formatCodePoint(character.codePointAt(0) ?? 0);
}

function formatCodePoint(codePoint: number): string {
  return formatClass([[codePoint, codePoint]], false);
}

function isUnicodeProperty(escape: string): boolean {
  try {
    return new RegExp(escape, "u").flags === "u";
  } catch {
    return false;
  }
}
