/** The SHA-512 of an object's bytes: 128 lower-case hex digits. */
export type ObjectId = string & { readonly objectId: unique symbol };

const OBJECT_ID = /^[0-9a-f]{128}$/;

/** Length of an object id in bytes. */
export const OBJECT_ID_BYTES = 64;

export function isObjectId(text: string): text is ObjectId {
  return OBJECT_ID.test(text);
}

/** The id whose raw form is `hash` (64 bytes); throws RangeError on any other length. */
export function objectIdFromBytes(hash: Uint8Array): ObjectId {
  if (hash.byteLength !== OBJECT_ID_BYTES)
    throw new RangeError(`an object id has 64 bytes, not ${hash.byteLength}`);
  return Buffer.from(hash.buffer, hash.byteOffset, hash.byteLength).toString("hex") as ObjectId;
}
