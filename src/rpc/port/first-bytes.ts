/** What a connection turns out to speak. */
export type Opening = "tls" | "connect" | "http2" | "http";

/** Longest request head. */
export const HEAD_LIMIT_BYTES = 16 * 1024;

/** First byte of a TLS handshake record (RFC 8446 section 5.1). */
const TLS_HANDSHAKE = 0x16;
const CONNECT = Buffer.from("CONNECT ");
/** Start of the connection preface of HTTP/2 (RFC 9113 section 3.4). */
const HTTP2_PREFACE = Buffer.from("PRI * HTTP/2.0\r\n");
const LINE_FEED = 0x0a;
const CARRIAGE_RETURN = 0x0d;

/**
 * What begins with `bytes`; undefined while it could still become one thing or another. The answer never changes with
 * what follows. Whatever is none of the others is "http": the HTTP parser has the right words for garbage.
 *
 * Heads whose lines end with a bare line feed, which Node's parser does not take, are "http" only when they are complete
 * or hopeless, so that `withCarriageReturns` can mend them.
 */
export function classifyOpening(bytes: Buffer): Opening | undefined {
  if (bytes.length === 0) return undefined;
  if (bytes[0] === TLS_HANDSHAKE) return "tls";
  if (startsWith(bytes, CONNECT)) return "connect";
  if (startsWith(bytes, HTTP2_PREFACE)) return "http2";
  if (startsWith(CONNECT, bytes) || startsWith(HTTP2_PREFACE, bytes)) return undefined;
  return isHttpDecided(bytes) ? "http" : undefined;
}

/**
 * `bytes` with carriage returns where the lines of a head lack them, as the original takes heads of people who type
 * (spec/srpc.md section 3.1). Only when the first line lacks one; what follows the head stays as it is.
 */
export function withCarriageReturns(bytes: Buffer): Buffer {
  const lineEnd = findBareLineEnd(bytes);
  const headEnd = lineEnd === undefined ? -1 : findHeadEnd(bytes, lineEnd);
  if (headEnd < 0) return bytes;
  const head = bytes.subarray(0, headEnd).toString("latin1").replace(/\r?\n/g, "\r\n");
  return Buffer.concat([Buffer.from(head, "latin1"), bytes.subarray(headEnd)]);
}

function isHttpDecided(bytes: Buffer): boolean {
  // No method starts so, and no person types so.
  if (!/^[A-Z]/.test(bytes.toString("latin1", 0, 1))) return true;
  const newline = bytes.subarray(0, HEAD_LIMIT_BYTES).indexOf(LINE_FEED);
  if (newline < 0) return bytes.length >= HEAD_LIMIT_BYTES;
  const bare = findBareLineEnd(bytes);
  return bare === undefined || findHeadEnd(bytes, bare) >= 0 || bytes.length >= HEAD_LIMIT_BYTES;
}

/** Where the first line ends, if it ends with a line feed alone. */
function findBareLineEnd(bytes: Buffer): number | undefined {
  const newline = bytes.subarray(0, HEAD_LIMIT_BYTES).indexOf(LINE_FEED);
  return newline > 0 && bytes[newline - 1] !== CARRIAGE_RETURN ? newline : undefined;
}

/** Where the bytes after the blank line begin; negative when there is none within the limit. */
function findHeadEnd(bytes: Buffer, lineEnd: number): number {
  const head = bytes.subarray(0, HEAD_LIMIT_BYTES);
  for (let newline = lineEnd; newline >= 0; newline = head.indexOf(LINE_FEED, newline + 1)) {
    if (head[newline + 1] === LINE_FEED) return newline + 2;
    if (head[newline + 1] === CARRIAGE_RETURN && head[newline + 2] === LINE_FEED) return newline + 3;
  }
  return -1;
}

function startsWith(bytes: Buffer, start: Buffer): boolean {
  return bytes.length >= start.length && bytes.subarray(0, start.length).equals(start);
}
