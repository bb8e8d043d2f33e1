const MAXIMUM_NAMES = 32;
const MAXIMUM_NAME_BYTES = 253;
const POINTER = 0xc0;
const LABEL = /^[A-Za-z0-9_]([A-Za-z0-9_-]{0,61}[A-Za-z0-9_])?$/;

interface Name {
  readonly labels: readonly string[];
  /** Where the next name begins. */
  readonly end: number;
}

/**
 * The names in option 119 (RFC 3397: DNS encoding, compressed within the option). Stops at the first name that is cut
 * short, points forward or is no host name, since nothing after it can be trusted; at most 32 names.
 */
export function parseDomainSearch(value: Buffer): readonly string[] {
  const names: string[] = [];
  for (let at = 0; at < value.length && names.length < MAXIMUM_NAMES; ) {
    const found = readName(value, at);
    const name = found?.labels.join(".") ?? "";
    if (found === undefined || name === "" || name.length > MAXIMUM_NAME_BYTES) break;
    names.push(name);
    at = found.end;
  }
  return names;
}

/** The labels from `at` on, those that a pointer at their end leads to included; undefined when they make no name. */
function readName(value: Buffer, start: number): Name | undefined {
  const labels: string[] = [];
  for (let at = start; ; ) {
    const length = value[at];
    if (length === undefined) return undefined;
    if (length === 0) return { labels, end: at + 1 };
    if (length >= POINTER) {
      const rest = followPointer(value, at, start);
      return rest === undefined ? undefined : { labels: [...labels, ...rest], end: at + 2 };
    }
    const label = value.toString("latin1", at + 1, at + 1 + length);
    if (label.length !== length || !LABEL.test(label)) return undefined;
    labels.push(label);
    at += 1 + length;
  }
}

/** What the pointer at `at` leads to. Only to before the name that it is part of, so that this ends. */
function followPointer(value: Buffer, at: number, nameStart: number): readonly string[] | undefined {
  if (at + 1 >= value.length) return undefined;
  const target = value.readUInt16BE(at) & 0x3fff;
  return target < nameStart ? readName(value, target)?.labels : undefined;
}
