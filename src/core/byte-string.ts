/**
 * A byte sequence kept in a JavaScript string, one character (U+0000..U+00FF) a byte.
 *
 * File names and link targets of an image are bytes, not text; this form survives names that are not UTF-8, compares
 * byte-wise with `<`, and works as a Map key (spec/gob.md A9).
 */
export type ByteString = string & { readonly byteString: unique symbol };

/** The UTF-8 bytes of `text`. */
export function byteStringOf(text: string): ByteString {
  return Buffer.from(text, "utf8").toString("latin1") as ByteString;
}

/** `bytes`, one character each. */
export function byteStringFromBytes(bytes: Uint8Array): ByteString {
  return Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength).toString("latin1") as ByteString;
}

/** The bytes, for a system call or the wire. */
export function bytesOf(value: ByteString): Buffer {
  return Buffer.from(value, "latin1");
}

/** For people: the bytes read as UTF-8, undecodable ones as U+FFFD. */
export function displayOf(value: ByteString): string {
  return bytesOf(value).toString("utf8");
}
