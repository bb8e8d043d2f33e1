import { inspect } from "node:util";
import { ERROR_CODES, type ErrorCode, type ErrorKind } from "./error-codes.ts";

export interface InstallerErrorOptions {
  readonly cause?: unknown;
  /** What the operator could try next; the code's own hint when absent. */
  readonly hint?: string;
}

/**
 * Everything this program throws on purpose.
 *
 * `message` says what was being attempted or what was found, in lower case, with the object, without a full stop
 * (`formatting /dev/sda2 as ext4`); `cause` says why it failed. `code` is stable and documented in docs/errors.md.
 */
export class InstallerError extends Error {
  readonly code: ErrorCode;
  readonly hint: string;
  /** The thrower knew better advice than the table of codes has. */
  readonly isHintSpecific: boolean;

  constructor(code: ErrorCode, message: string, options: InstallerErrorOptions = {}) {
    super(message, options.cause === undefined ? undefined : { cause: options.cause });
    this.name = "InstallerError";
    this.code = code;
    this.hint = options.hint ?? ERROR_CODES[code].hint;
    this.isHintSpecific = options.hint !== undefined;
  }

  get kind(): ErrorKind {
    return ERROR_CODES[this.code].kind;
  }
}

/** True when `error` or one of its causes carries one of `codes`. */
export function hasCode(error: unknown, ...codes: readonly ErrorCode[]): boolean {
  for (let current = error; current instanceof Error; current = current.cause) {
    if (current instanceof InstallerError && codes.includes(current.code)) return true;
  }
  return false;
}

/** The errno name (`ENOENT`) of a system error or of the nearest cause that has one; undefined when there is none. */
export function errnoOf(error: unknown): string | undefined {
  for (let current = error; current instanceof Error; current = current.cause) {
    const code = (current as NodeJS.ErrnoException).code;
    if (typeof code === "string" && /^E[A-Z0-9]+$/.test(code)) return code;
  }
  return undefined;
}

/** The chain of messages, outermost first, joined by `: `, without repeating a cause already quoted. */
export function messageChain(error: unknown): string {
  const parts: string[] = [];
  for (
    let current: unknown = error;
    current !== undefined;
    current = current instanceof Error ? current.cause : undefined
  ) {
    const text = current instanceof Error ? current.message : formatThrown(current);
    if (text !== "" && !parts.at(-1)?.includes(text)) parts.push(text);
  }
  return parts.join(": ");
}

/**
 * What to try: the outermost advice that was given for this very case, else that of the innermost code (the closer to
 * the fault, the better) that has more to say than a commonplace. Undefined when nobody has any.
 */
export function hintOf(error: unknown): string | undefined {
  let hint: string | undefined;
  let commonplace: string | undefined;
  for (let current = error; current instanceof Error; current = current.cause) {
    if (!(current instanceof InstallerError) || current.hint === "") continue;
    if (current.isHintSpecific) return current.hint;
    if (isCommonplace(current.code)) commonplace = current.hint;
    else hint = current.hint;
  }
  return hint ?? commonplace;
}

function isCommonplace(code: ErrorCode): boolean {
  return "isHintCommonplace" in ERROR_CODES[code];
}

/** `value` as an Error, so that a foreign throw never loses its text. */
export function toError(value: unknown): Error {
  return value instanceof Error ? value : new Error(String(value));
}

function formatThrown(value: unknown): string {
  return typeof value === "string" ? value : inspect(value);
}
