/** A log entry as a terminal without output processing shows it: each line ends with CR LF, the last as well. */
export function terminalEntry(entry: string): Buffer {
  return Buffer.from(`${entry}\n`.replaceAll("\n", "\r\n"));
}

/**
 * The log so far as a shell session begins (spec/lifecycle.md section 7): a heading, the entries, and the empty line
 * that comes of splitting what ends with a line feed.
 */
export function logReplay(entries: readonly string[]): Buffer {
  const text = ["Logs so far:", ...entries, ""].map((entry) => `${entry}\n`).join("");
  return Buffer.from(text.replaceAll("\n", "\r\n"));
}

/** `bytes` in pieces of at most `limitBytes`, without copying. */
export function* pieces(bytes: Uint8Array, limitBytes: number): Generator<Uint8Array, undefined> {
  for (let offset = 0; offset < bytes.length; offset += limitBytes)
    yield bytes.subarray(offset, offset + limitBytes);
}
