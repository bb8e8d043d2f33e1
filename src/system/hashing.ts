import type { ObjectId } from "../core/object-id.ts";
import type { Path } from "./files.ts";

/** What came out of hashing a whole file or stream. */
export interface HashedContent {
  readonly id: ObjectId;
  readonly sizeBytes: number;
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
}

export interface HashingWriter {
  /** Takes ownership of `chunk`: the caller must not touch it again. */
  write(chunk: Uint8Array): Promise<void>;
  /** Closes the file and tells what was written. */
  finish(): Promise<HashedContent>;
  /** Closes and removes the file. */
  abandon(): Promise<void>;
}
