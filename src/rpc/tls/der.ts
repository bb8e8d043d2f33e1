import { InstallerError } from "../../core/errors.ts";

/** Identifier octets (tag numbers below 31) that certificates use (X.690 section 8.1.2). */
export const TAG = {
  boolean: 0x01,
  octetString: 0x04,
  objectIdentifier: 0x06,
  utf8String: 0x0c,
  numericString: 0x12,
  printableString: 0x13,
  t61String: 0x14,
  ia5String: 0x16,
  generalString: 0x1b,
  bmpString: 0x1e,
  sequence: 0x30,
  set: 0x31,
} as const;

/** One tag-length-value. The bytes are views into the input. */
export interface DerElement {
  /** Identifier octet: class, constructed bit and tag number. */
  readonly tag: number;
  readonly content: Uint8Array;
  /** Identifier, length and content together. */
  readonly whole: Uint8Array;
}

/** The single element that `bytes` consist of. Everything malformed is E_CERTIFICATE_MALFORMED, here and below. */
export function parseDer(bytes: Uint8Array, what: string): DerElement {
  const element = parseElementAt(bytes, 0, what);
  const extraBytes = bytes.length - element.whole.length;
  if (extraBytes > 0) throw malformed(what, `${extraBytes} extra bytes`);
  return element;
}

/** The elements that follow each other in the content of a constructed element with that tag. */
export function parseChildren(parent: DerElement, tag: number, what: string): readonly DerElement[] {
  if (parent.tag !== tag)
    throw malformed(what, `tag 0x${parent.tag.toString(16)} where 0x${tag.toString(16)} is expected`);
  const children: DerElement[] = [];
  for (let offset = 0; offset < parent.content.length; ) {
    const child = parseElementAt(parent.content, offset, what);
    children.push(child);
    offset += child.whole.length;
  }
  return children;
}

/** Dotted form of an OBJECT IDENTIFIER (X.690 section 8.19). */
export function parseObjectIdentifier(element: DerElement, what: string): string {
  if (element.tag !== TAG.objectIdentifier || element.content.length === 0)
    throw malformed(what, "an object identifier is expected");
  const arcs: bigint[] = [];
  let arc = 0n;
  let isOpen = false;
  for (const byte of element.content) {
    if (!isOpen && byte === 0x80) throw malformed(what, "object identifier with a padded arc");
    arc = (arc << 7n) | BigInt(byte & 0x7f);
    isOpen = byte >= 0x80;
    if (arc > MAX_ARC) throw malformed(what, "object identifier with an enormous arc");
    if (isOpen) continue;
    arcs.push(arc);
    arc = 0n;
  }
  if (isOpen) throw malformed(what, "object identifier that ends within an arc");
  const [first = 0n, ...rest] = arcs;
  const top = first < 80n ? first / 40n : 2n;
  return [top, first - top * 40n, ...rest].join(".");
}

/**
 * The text of a string element: the types and character sets that the original accepts (spec/auth.md section 1).
 * T61String and GeneralString are read as UTF-8, undecodable bytes as U+FFFD.
 */
export function parseDerString(element: DerElement, what: string): string {
  const text = Buffer.from(element.content);
  switch (element.tag) {
    case TAG.utf8String:
      return decodeUtf8(text, what);
    case TAG.printableString:
      return matching(text, /^[A-Za-z0-9 '()+,\-./:=?*&]*$/, "PrintableString", what);
    case TAG.ia5String:
      if (element.content.some((byte) => byte >= 0x80))
        throw malformed(what, "IA5String with an 8-bit character");
      return text.toString("latin1");
    case TAG.numericString:
      return matching(text, /^[0-9 ]*$/, "NumericString", what);
    case TAG.t61String:
    case TAG.generalString:
      return text.toString("utf8");
    case TAG.bmpString:
      return decodeBmp(text, what);
    default:
      throw malformed(what, `tag 0x${element.tag.toString(16)} where a string is expected`);
  }
}

/** The error for anything wrong in `what`. */
export function malformed(what: string, why: string, cause?: unknown): InstallerError {
  return new InstallerError("E_CERTIFICATE_MALFORMED", `decoding ${what}: ${why}`, { cause });
}

const MAX_ARC = 1n << 128n;

function parseElementAt(bytes: Uint8Array, offset: number, what: string): DerElement {
  const tag = bytes[offset];
  const firstLength = bytes[offset + 1];
  if (tag === undefined || firstLength === undefined) throw malformed(what, "truncated");
  if ((tag & 0x1f) === 0x1f) throw malformed(what, "multi-byte tag");
  const { lengthBytes, headerBytes } =
    firstLength < 0x80
      ? { lengthBytes: firstLength, headerBytes: 2 }
      : parseLongLength(bytes, offset + 2, firstLength & 0x7f, what);
  const end = offset + headerBytes + lengthBytes;
  if (end > bytes.length) throw malformed(what, "truncated");
  return {
    tag,
    content: bytes.subarray(offset + headerBytes, end),
    whole: bytes.subarray(offset, end),
  };
}

/** DER wants the shortest form; four octets hold more than any certificate needs. */
function parseLongLength(
  bytes: Uint8Array,
  offset: number,
  octets: number,
  what: string,
): { readonly lengthBytes: number; readonly headerBytes: number } {
  if (octets === 0) throw malformed(what, "indefinite length");
  if (octets > 4) throw malformed(what, "enormous length");
  let lengthBytes = 0;
  for (let index = 0; index < octets; index++) {
    const octet = bytes[offset + index];
    if (octet === undefined) throw malformed(what, "truncated");
    lengthBytes = lengthBytes * 256 + octet;
  }
  if (lengthBytes < 0x80 || bytes[offset] === 0) throw malformed(what, "non-minimal length");
  return { lengthBytes, headerBytes: 2 + octets };
}

function decodeUtf8(bytes: Uint8Array, what: string): string {
  try {
    return new TextDecoder("utf-8", { fatal: true, ignoreBOM: true }).decode(bytes);
  } catch (error) {
    throw malformed(what, "invalid UTF-8", error);
  }
}

function decodeBmp(bytes: Buffer, what: string): string {
  if (bytes.length % 2 !== 0) throw malformed(what, "BMPString of odd length");
  const text = Buffer.from(bytes).swap16().toString("utf16le").toWellFormed();
  return text.endsWith("\0") ? text.slice(0, -1) : text;
}

function matching(bytes: Buffer, allowed: RegExp, type: string, what: string): string {
  const text = bytes.toString("latin1");
  if (!allowed.test(text)) throw malformed(what, `${type} with a character that it cannot hold`);
  return text;
}
