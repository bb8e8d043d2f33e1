import { hasCode, InstallerError } from "../../core/errors.ts";
import type { ByteReader } from "../byte-reader.ts";

/** Bytes of a request or response head, blank line included. */
export const HEAD_LIMIT_BYTES = 8192;

/**
 * Reads an HTTP head up to and including its blank line and returns the first line; header lines mean nothing here.
 * E_SRPC_HEAD when it is too long. By hand, because heads of this protocol end their lines with a bare line feed,
 * which no HTTP library takes (spec/srpc.md section 3.4).
 */
export async function readHead(reader: ByteReader): Promise<string> {
  let remainingBytes = HEAD_LIMIT_BYTES;
  let first: string | undefined;
  for (;;) {
    const line = await readHeadLine(reader, remainingBytes);
    first ??= line;
    if (line === "" || line === "\r") return first;
    // A character may have taken several bytes; the limit need not be exact.
    remainingBytes -= line.length + 1;
  }
}

async function readHeadLine(reader: ByteReader, limitBytes: number): Promise<string> {
  try {
    return await reader.readLine(Math.max(limitBytes, 0));
  } catch (error) {
    if (!hasCode(error, "E_LINE_TOO_LONG")) throw error;
    throw new InstallerError("E_SRPC_HEAD", `reading a head of at most ${HEAD_LIMIT_BYTES} bytes`);
  }
}
