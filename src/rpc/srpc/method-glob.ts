type Token =
  | { readonly kind: "anyRun" }
  | { readonly kind: "anyOne" }
  | { readonly kind: "literal"; readonly character: string }
  | { readonly kind: "class"; readonly negated: boolean; readonly ranges: readonly Range[] };

interface Range {
  readonly low: string;
  readonly high: string;
}

/**
 * Whether a permitted-method pattern matches the whole of `Service.Method` (spec/auth.md section 7.1).
 *
 * Takes time proportional to the product of the lengths at worst. Malformed patterns match nothing.
 */
export function isMethodMatch(pattern: string, method: string): boolean {
  const tokens = parsePattern(pattern);
  return tokens !== undefined && isMatch(tokens, Array.from(method));
}

function isMatch(tokens: readonly Token[], text: readonly string[]): boolean {
  let token = 0;
  let position = 0;
  // Where to resume when a later token fails: only the latest run can usefully be made longer.
  let retry: { token: number; position: number } | undefined;
  while (token < tokens.length || position < text.length) {
    const current = tokens[token];
    if (current?.kind === "anyRun") {
      retry = { token, position };
      token += 1;
    } else if (current !== undefined && isCharacterMatch(current, text[position])) {
      token += 1;
      position += 1;
    } else {
      if (retry === undefined || retry.position >= text.length || text[retry.position] === "/") return false;
      retry.position += 1;
      token = retry.token + 1;
      position = retry.position;
    }
  }
  return true;
}

function isCharacterMatch(token: Exclude<Token, { kind: "anyRun" }>, character: string | undefined): boolean {
  if (character === undefined) return false;
  switch (token.kind) {
    case "anyOne":
      return character !== "/";
    case "literal":
      return character === token.character;
    case "class":
      return token.ranges.some((range) => isInRange(character, range)) !== token.negated;
  }
}

function isInRange(character: string, range: Range): boolean {
  const code = codePoint(character);
  return codePoint(range.low) <= code && code <= codePoint(range.high);
}

function codePoint(character: string): number {
  return character.codePointAt(0) ?? 0;
}

function parsePattern(pattern: string): readonly Token[] | undefined {
  const characters = Array.from(pattern);
  const tokens: Token[] = [];
  for (let index = 0; index < characters.length; ) {
    const parsed = parseToken(characters, index);
    if (parsed === undefined) return undefined;
    tokens.push(parsed.token);
    index = parsed.next;
  }
  return tokens;
}

function parseToken(
  characters: readonly string[],
  index: number,
): { readonly token: Token; readonly next: number } | undefined {
  const character = characters[index] ?? "";
  switch (character) {
    case "*":
      return { token: { kind: "anyRun" }, next: index + 1 };
    case "?":
      return { token: { kind: "anyOne" }, next: index + 1 };
    case "[":
      return parseClass(characters, index + 1);
    case "\\": {
      const escaped = characters[index + 1];
      if (escaped === undefined) return undefined;
      return { token: { kind: "literal", character: escaped }, next: index + 2 };
    }
    default:
      return { token: { kind: "literal", character }, next: index + 1 };
  }
}

function parseClass(
  characters: readonly string[],
  start: number,
): { readonly token: Token; readonly next: number } | undefined {
  const negated = characters[start] === "^";
  const ranges: Range[] = [];
  let index = negated ? start + 1 : start;
  while (characters[index] !== "]" || ranges.length === 0) {
    const low = parseClassCharacter(characters, index);
    if (low === undefined) return undefined;
    index = low.next;
    let high = low;
    if (characters[index] === "-") {
      const end = parseClassCharacter(characters, index + 1);
      if (end === undefined) return undefined;
      high = end;
      index = end.next;
    }
    ranges.push({ low: low.character, high: high.character });
  }
  return { token: { kind: "class", negated, ranges }, next: index + 1 };
}

/** One end of a range; `-` and `]` stand for themselves only behind a backslash. */
function parseClassCharacter(
  characters: readonly string[],
  index: number,
): { readonly character: string; readonly next: number } | undefined {
  const character = characters[index];
  if (character === undefined || character === "-" || character === "]") return undefined;
  if (character !== "\\") return { character, next: index + 1 };
  const escaped = characters[index + 1];
  return escaped === undefined ? undefined : { character: escaped, next: index + 2 };
}
