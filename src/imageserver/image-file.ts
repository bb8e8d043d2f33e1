import { createHash } from "node:crypto";
import { InstallerError } from "../core/errors.ts";
import { decodeGob } from "../rpc/gob/decoder.ts";
import { encodeGob } from "../rpc/gob/encoder.ts";
import { map, type Schema, slice, struct, text, time, type ValueOf } from "../rpc/gob/schema.ts";
import { image, type WireImage } from "../rpc/messages/image.ts";

const TRAILER_BYTES = 64;

/** The fields of an image that lists, searches and questions of ownership need; decoding them skips the tree. */
const imageFacts = struct("Image", {
  BuildBranch: text,
  BuildCommitId: text,
  CreatedBy: text,
  CreatedFor: text,
  CreatedOn: time,
  ExpiresAt: time,
  OwnerGroups: slice(text),
  OwnerUsers: slice(text),
  Tags: map(text, text),
});

export type ImageFacts = ValueOf<typeof imageFacts>;

/** The file of an image on the server's disk: gob and the SHA-512 of the gob bytes (spec/image.md 14). */
export function formatImageFile(content: WireImage): Buffer {
  const encoded = encodeGob(image, content);
  return Buffer.concat([encoded, sha512(encoded)]);
}

/** Throws E_IMAGE_FILE when the content is not what was written. `path` is for messages. */
export function parseImageFile(content: Buffer, path: string): WireImage {
  return decodeVerified(image, content, path);
}

/** As parseImageFile, in a fraction of the time. */
export function parseImageFacts(content: Buffer, path: string): ImageFacts {
  return decodeVerified(imageFacts, content, path);
}

function decodeVerified<T>(schema: Schema<T>, content: Buffer, path: string): T {
  const encoded = content.subarray(0, Math.max(0, content.length - TRAILER_BYTES));
  if (!sha512(encoded).equals(content.subarray(encoded.length)))
    throw new InstallerError("E_IMAGE_FILE", `reading ${path}: its checksum is wrong`);
  try {
    return decodeGob(schema, encoded);
  } catch (error) {
    throw new InstallerError("E_IMAGE_FILE", `reading ${path}`, { cause: error });
  }
}

function sha512(bytes: Uint8Array): Buffer {
  return createHash("sha512").update(bytes).digest();
}
