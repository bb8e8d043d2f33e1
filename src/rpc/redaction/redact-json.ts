import { isSecretName, REDACTED, redactText } from "./redact-text.ts";

/** Deeper values are not looked into, and left out. */
const DEEPEST = 100;

/** A value as JSON.parse makes them. */
export type JsonValue = null | boolean | number | string | readonly JsonValue[] | JsonObject;

interface JsonObject {
  readonly [name: string]: JsonValue;
}

/**
 * `value` without the values of members with secret names, whatever is in them, and without what looks like a secret in
 * any text. `found` learns each text that was taken out, so that it can be looked for elsewhere.
 */
export function redactJson(value: JsonValue, found: (secret: string) => void, depth = 0): JsonValue {
  if (depth > DEEPEST) return REDACTED;
  if (typeof value === "string") return redactText(value);
  if (value === null || typeof value !== "object") return value;
  if (Array.isArray(value)) return value.map((item: JsonValue) => redactJson(item, found, depth + 1));
  const members = Object.entries(value as JsonObject).map(([name, member]) => {
    if (!isSecretName(name)) return [name, redactJson(member, found, depth + 1)] as const;
    collectTexts(member, found, depth + 1);
    return [name, member === null || typeof member === "boolean" ? member : REDACTED] as const;
  });
  return Object.fromEntries(members);
}

function collectTexts(value: JsonValue, found: (secret: string) => void, depth: number): void {
  if (depth > DEEPEST || value === null) return;
  if (typeof value === "string" || typeof value === "number") found(String(value));
  else if (typeof value === "object")
    for (const member of Object.values(value)) collectTexts(member as JsonValue, found, depth + 1);
}
