import type { ObjectId } from "../core/object-id.ts";
import type { Path } from "./files.ts";

/** What came out of hashing a whole file or stream. */
export interface HashedContent {
  readonly id: ObjectId;
  readonly sizeBytes: number;
}

/** A file to be made of content that is in memory, if that content is what `id` names. */
export interface ExpectedFile {
  readonly path: string;
  readonly id: ObjectId;
  readonly content: Uint8Array;
}

/** SHA-512 off the main thread (worker threads), so that the network and the status page stay responsive. */
export interface Hashing extends AsyncDisposable {
  /** Hashes an existing file. System errors as they are. */
  hashFile(path: Path): Promise<HashedContent>;
  /**
   * Starts writing a new file (created exclusively, 0600); hashing and writing happen in a worker.
   * At most a few MiB are in flight: await each `write`.
   */
  createFile(path: string): Promise<HashingWriter>;
  /**
   * Tells what `content` is, and makes it a new file (created exclusively, 0600) only if that is `id`: nothing else
   * ever lies at `path`. Takes ownership of the content. Cheap for small content when many calls are made at a time, because they share the way to
   * a worker.
   */
  createExpected(file: ExpectedFile): Promise<HashedContent>;
}

export interface HashingWriter {
  /** Takes ownership of `chunk`: the caller must not touch it again. */
  write(chunk: Uint8Array): Promise<void>;
  /** Closes the file and tells what was written. */
  finish(): Promise<HashedContent>;
  /** Closes and removes the file. */
  abandon(): Promise<void>;
}
