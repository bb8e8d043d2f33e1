import type { ObjectId } from "../core/object-id.ts";

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
   * when it is not exactly `sizeBytes` long.
   */
  put(id: ObjectId, sizeBytes: number, content: AsyncIterable<Uint8Array>): Promise<void>;
  /** The content in order; rejects with E_OBJECT_MISSING. */
  open(id: ObjectId): AsyncIterable<Uint8Array>;
}

/** A store whose objects are files, so that they can be copied or linked in the kernel. */
export interface FileObjectStore extends ObjectStore {
  /** Absolute path of the object's file. The file must not be changed. Rejects with E_OBJECT_MISSING. */
  pathOf(id: ObjectId): Promise<string>;
}
