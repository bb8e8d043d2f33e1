import { InstallerError } from "./errors.ts";

const LINE_ENDS = /[\r\n]+/g;
const OUTSIDE_ALPHABET = /[^A-Za-z0-9+/]/;

/**
 * Decodes standard base64 with padding; CR and LF may stand anywhere (spec/cli.md section 7, decode-base64). Everything
 * before a fault is yielded, then E_BASE64 is thrown with the words of Go's decoder; byte numbers count from the start of
 * the input and leave line ends out.
 */
export async function* decodeBase64(
  input: AsyncIterable<Uint8Array> | Iterable<Uint8Array>,
): AsyncGenerator<Buffer, void, undefined> {
  /** Characters of a group that is not yet complete, and where it starts. */
  let pending = "";
  let position = 0;
  let isPadded = false;
  for await (const chunk of input) {
    const text = pending + latin1(chunk).replace(LINE_ENDS, "");
    const groups = text.slice(0, text.length - (text.length % 4));
    pending = text.slice(groups.length);
    if (groups === "") continue;
    if (isPadded) throw illegalByte(position);
    const { length, badAt } = readGroups(groups);
    if (length > 0) yield Buffer.from(groups.slice(0, length), "base64");
    if (badAt !== undefined) throw illegalByte(position + badAt);
    isPadded = groups.at(-1) === "=";
    position += groups.length;
  }
  if (pending !== "") throw new InstallerError("E_BASE64", "unexpected EOF");
}

interface Groups {
  /** How many characters, a multiple of four, can be decoded. */
  readonly length: number;
  /** The first character that cannot be right, in Go's way of counting. */
  readonly badAt?: number;
}

/** Looks for the end of the good part of `text`, whose length is a multiple of four. */
function readGroups(text: string): Groups {
  const oddAt = text.search(OUTSIDE_ALPHABET);
  if (oddAt === -1) return { length: text.length };
  const groupAt = oddAt - (oddAt % 4);
  const padding = text.slice(oddAt, groupAt + 4);
  if (padding !== "=" && padding !== "==") return { length: groupAt, badAt: oddAt };
  const end = groupAt + 4;
  return end === text.length ? { length: end } : { length: end, badAt: end };
}

function illegalByte(position: number): InstallerError {
  return new InstallerError("E_BASE64", `illegal base64 data at input byte ${position}`);
}

function latin1(bytes: Uint8Array): string {
  return Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength).toString("latin1");
}
