import { type JsonValue, redactJson } from "../redaction/redact-json.ts";
import { redactLines } from "../redaction/redact-lines.ts";
import { redactText } from "../redaction/redact-text.ts";
import type { KnownSecrets } from "./known-secrets.ts";

/** A JSON text without secrets; a text that is no JSON is taken for any text. */
export async function redactJsonText(text: string, secrets: KnownSecrets): Promise<string> {
  const value = parse(text);
  if (value === undefined) return redactLines(text);
  return `${JSON.stringify(
    redactJson(value, (secret) => secrets.add(secret)),
    null,
    2,
  )}\n`;
}

/** A text of which each line is JSON, as logs for programs are. */
export async function redactJsonLines(text: string, secrets: KnownSecrets): Promise<string> {
  return redactLines(text, (line) => {
    const value = parse(line);
    return value === undefined
      ? redactText(line)
      : JSON.stringify(redactJson(value, (secret) => secrets.add(secret)));
  });
}

function parse(text: string): JsonValue | undefined {
  try {
    return JSON.parse(text) as JsonValue;
  } catch {
    return undefined;
  }
}
