import { createHash } from "node:crypto";
import { hasCode, InstallerError } from "../core/errors.ts";
import { type ObjectId, objectIdFromBytes } from "../core/object-id.ts";
import { NO_OBJECT } from "../images/tree.ts";
import type { ObjectImporter, ObjectStore } from "../objectcache/object-store.ts";
import type { ByteReader } from "../rpc/byte-reader.ts";
import type { ValueOf } from "../rpc/gob/schema.ts";
import { addObjectRequest, addObjectResponse } from "../rpc/messages/object-server.ts";
import type { ServerCall } from "../rpc/srpc/method.ts";

type Store = Pick<ObjectStore, "has"> & Pick<ObjectImporter, "add">;
type AddObjectRequest = ValueOf<typeof addObjectRequest>;
type AddObjectResponse = ValueOf<typeof addObjectResponse>;

/** Far above any file of an operating system. */
const MAX_OBJECT_BYTES = 2 ** 40;
/** Responses wait for company up to this size, as those of the original do. */
const HELD_BYTES = 4096;

/**
 * ObjectServer.AddObjects (spec/imageservice.md 5.6): takes objects until one of length 0 and answers each in order. Only what has
 * the hash that was announced is kept. Rejects, which ends the connection, when an object cannot be stored.
 */
export async function receiveObjects(call: ServerCall, store: Store): Promise<void> {
  const responses = new HeldResponses(call);
  for (;;) {
    const request = await call.receive(addObjectRequest);
    if (request.Length === 0) break;
    try {
      await responses.add(await receiveObject(call.reader, request, store));
    } catch (error) {
      // Where the next object would begin is not known any more. The caller may be gone already.
      await responses.add(failed("the object could not be stored")).catch(() => undefined);
      throw error;
    }
  }
  await responses.flush();
}

async function receiveObject(
  reader: ByteReader,
  request: AddObjectRequest,
  store: Store,
): Promise<AddObjectResponse> {
  if (request.Length > MAX_OBJECT_BYTES)
    throw new InstallerError("E_IMAGE_REQUEST", `receiving an object of ${request.Length} bytes`);
  const upload = new Upload(reader, request, store);
  try {
    if (request.ExpectedHash !== undefined && (await store.has(request.ExpectedHash)))
      for await (const piece of upload.content()) void piece;
    else await store.add(upload.content());
  } catch (error) {
    if (!hasCode(error, "E_OBJECT_CORRUPT")) throw error;
    return failed(error instanceof Error ? error.message : "");
  }
  return { ErrorString: "", Hash: upload.id, Added: !upload.wasKnown };
}

/** The bytes of one object on their way in. */
class Upload {
  /** Both are known once the content was read to its end. */
  id: ObjectId = NO_OBJECT;
  wasKnown = false;
  readonly #reader: ByteReader;
  readonly #request: AddObjectRequest;
  readonly #store: Store;

  constructor(reader: ByteReader, request: AddObjectRequest, store: Store) {
    this.#reader = reader;
    this.#request = request;
    this.#store = store;
  }

  /**
   * Hashes while it passes the bytes on, and fails with E_OBJECT_CORRUPT after the last one if they are not those announced:
   * whoever stores them drops them then. The store hashes as well, but says only what it has kept.
   */
  async *content(): AsyncGenerator<Uint8Array> {
    const hash = createHash("sha512");
    for (let leftBytes = this.#request.Length; leftBytes > 0; ) {
      const piece = await this.#reader.readSome(leftBytes);
      if (piece === undefined)
        throw new InstallerError("E_STREAM_ENDED", `receiving an object of ${this.#request.Length} bytes`);
      hash.update(piece);
      leftBytes -= piece.length;
      yield piece;
    }
    this.id = objectIdFromBytes(hash.digest());
    const expected = this.#request.ExpectedHash;
    if (expected !== undefined && expected !== this.id)
      throw new InstallerError(
        "E_OBJECT_CORRUPT",
        `hash mismatch. Computed=${this.id}, expected=${expected}`,
      );
    this.wasKnown = await this.#store.has(this.id);
  }
}

/** Responses that leave together, and at once after an error. */
class HeldResponses {
  readonly #call: ServerCall;
  #held: Uint8Array[] = [];
  #heldBytes = 0;

  constructor(call: ServerCall) {
    this.#call = call;
  }

  async add(response: AddObjectResponse): Promise<void> {
    const encoded = this.#call.encode(addObjectResponse, response);
    this.#held.push(encoded);
    this.#heldBytes += encoded.length;
    if (this.#heldBytes >= HELD_BYTES || response.ErrorString !== "") await this.flush();
  }

  async flush(): Promise<void> {
    const responses = Buffer.concat(this.#held, this.#heldBytes);
    this.#held = [];
    this.#heldBytes = 0;
    if (responses.length > 0) await this.#call.write(responses);
  }
}

function failed(text: string): AddObjectResponse {
  return { ErrorString: text, Hash: NO_OBJECT, Added: false };
}
