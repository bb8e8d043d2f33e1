import { InstallerError } from "../../core/errors.ts";
import type { ByteReader } from "../byte-reader.ts";
import { readHead } from "./head-lines.ts";

/** Status line of an HTTP response. */
export interface ResponseHead {
  readonly statusCode: number;
  /** To the letter, trailing blanks included: it tells a server of this protocol from any other (section 3.2). */
  readonly reason: string;
}

const STATUS_LINE = /^HTTP\/1\.[0-9] ([1-9][0-9]{2})(?: (.*?))?\r?$/s;

/** Parses `HTTP/1.x NNN reason`, with or without a carriage return; E_SRPC_HEAD for anything else. */
export function parseStatusLine(line: string): ResponseHead {
  const [, status, reason] = STATUS_LINE.exec(line) ?? [];
  if (status === undefined)
    throw new InstallerError("E_SRPC_HEAD", `parsing the status line ${JSON.stringify(line.slice(0, 100))}`);
  return { statusCode: Number(status), reason: reason ?? "" };
}

/** Reads a whole head; E_SRPC_HEAD. */
export async function readResponseHead(reader: ByteReader): Promise<ResponseHead> {
  return parseStatusLine(await readHead(reader));
}
