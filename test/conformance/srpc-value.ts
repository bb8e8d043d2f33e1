/** A decoded value without a schema: structs by field name, opaque types and bytes in hex, integers as text. */
export type GobValue =
  | string
  | number
  | boolean
  | null
  | readonly GobValue[]
  | { readonly [field: string]: GobValue };

/** A type as its sender describes it; names of types are left out, they are informational (spec/gob.md A5). */
export type Shape =
  | string
  | { readonly list: Shape; readonly length?: number }
  | { readonly key: Shape; readonly element: Shape }
  | { readonly fields: { readonly [name: string]: Shape } };

/** A value, its type, and the types of what its interfaces hold, by their registered names. */
export interface Decoded {
  readonly value: GobValue;
  readonly shape: Shape;
  readonly concrete: { readonly [name: string]: Shape };
}

/** A field of a decoded struct; zero fields, which are not sent, are the empty text. */
export function fieldOf(value: GobValue, name: string): GobValue {
  const isStruct = typeof value === "object" && value !== null && !Array.isArray(value);
  return isStruct ? ((value as { readonly [field: string]: GobValue })[name] ?? "") : "";
}
/** A field that is a text or a number, as a text. */
export function textField(value: GobValue, name: string): string {
  const field = fieldOf(value, name);
  return typeof field === "object" ? "" : String(field);
}

/** A field that is a list of texts or numbers. */
export function listField(value: GobValue, name: string): readonly string[] {
  const field = fieldOf(value, name);
  return Array.isArray(field) ? field.map(String) : [];
}
