/** Where something stands in a file; both count from 1, the column in characters. */
export interface Position {
  readonly line: number;
  readonly column: number;
}

/** A JSON value that knows where it was written. */
export type JsonNode =
  | { readonly kind: "null" | "true" | "false"; readonly at: number }
  /** Numbers keep their spelling: 64-bit integers do not fit a JavaScript number. */
  | { readonly kind: "number"; readonly at: number; readonly text: string }
  | { readonly kind: "string"; readonly at: number; readonly value: string }
  | { readonly kind: "array"; readonly at: number; readonly items: readonly JsonNode[] }
  | { readonly kind: "object"; readonly at: number; readonly members: readonly JsonMember[] };

export interface JsonMember {
  readonly key: string;
  readonly keyAt: number;
  readonly value: JsonNode;
}

/** Line and column of the character at `offset`. */
export function positionOf(text: string, offset: number): Position {
  const before = text.slice(0, offset);
  const lineStart = before.lastIndexOf("\n") + 1;
  return { line: before.split("\n").length, column: offset - lineStart + 1 };
}
