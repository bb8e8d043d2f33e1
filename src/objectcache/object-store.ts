import type { ObjectId } from "../core/object-id.ts";
import type { Path } from "../system/files.ts";
import type { HashedContent } from "../system/hashing.ts";

/** The bytes of an object: in pieces as they arrive, or whole because they are in memory already. */
export type ObjectContent = AsyncIterable<Uint8Array> | Uint8Array;

/**
 * A content-addressed store. What `has` answers true for was verified against its SHA-512 by this process or is
 * verified again before it is handed out; nothing enters unverified.
 */
export interface ObjectStore {
  has(id: ObjectId): Promise<boolean>;
  /** Those of `ids` that the store does not hold. */
  missing(ids: Iterable<ObjectId>): Promise<ReadonlySet<ObjectId>>;
  /** Size in bytes, undefined when absent. */
  size(id: ObjectId): Promise<number | undefined>;
  /**
   * Hashes while writing. Rejects with E_OBJECT_CORRUPT when the content is not what `id` names (nothing is kept), or
   * when it is not exactly `sizeBytes` long. Takes ownership of the content.
   */
  put(id: ObjectId, sizeBytes: number, content: ObjectContent): Promise<void>;
  /** The content in order; rejects with E_OBJECT_MISSING. */
  open(id: ObjectId): AsyncIterable<Uint8Array>;
}

/** A store whose objects are files, so that they can be copied or linked in the kernel. */
export interface FileObjectStore extends ObjectStore {
  /** Absolute path of the object's file. The file must not be changed. Rejects with E_OBJECT_MISSING. */
  pathOf(id: ObjectId): Promise<string>;
}

/** Takes content whose id is not known beforehand. */
export interface ObjectImporter {
  add(content: AsyncIterable<Uint8Array>): Promise<HashedContent>;
  /**
   * Stores the content of a regular file unless `isWanted` (default: always) says no to its id. What is stored is a
   * copy, hashed as such: the file may change meanwhile. System errors as they are.
   */
  addFile(path: Path, isWanted?: (id: ObjectId) => boolean): Promise<HashedContent>;
}

/** Content that a source offers under a name that is still to be proved. */
export interface OfferedObject {
  readonly id: ObjectId;
  readonly sizeBytes: number;
  /** Pieces are to be read to the end before the next object is asked for. */
  readonly content: ObjectContent;
}

/** Where missing objects come from. */
export interface ObjectSource {
  /** The objects in any order, each as soon as it begins to arrive; fewer when the source fails. */
  getObjects(ids: readonly ObjectId[], signal: AbortSignal): AsyncIterable<OfferedObject>;
}
