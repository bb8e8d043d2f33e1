import { REDACTED } from "../redaction/redact-text.ts";

/** Shorter texts stand for other things as well: taking them out everywhere would make the rest unreadable. */
const SHORTEST = 6;
const MOST = 200;

/** Secrets that were found in one place, to be taken out everywhere else too. */
export class KnownSecrets {
  readonly #texts = new Set<string>();

  add(secret: string): void {
    for (const form of [secret, secret.trim(), JSON.stringify(secret).slice(1, -1)])
      if (form.length >= SHORTEST && this.#texts.size < MOST) this.#texts.add(form);
  }

  /** `text` without any of them. */
  takeOut(text: string): string {
    // The longest first: one may be a part of another.
    const longestFirst = [...this.#texts].toSorted((left, right) => right.length - left.length);
    return longestFirst.reduce((kept, secret) => kept.replaceAll(secret, REDACTED), text);
  }
}
